"""Scans saved from MATLAB under usual names; there is no definition of such files.

Patterns (H, W, n) or (H, W, columns, rows) in MATLAB's axes: `dp`, `diffraction`, `patterns`, `cbed` or
`data`. Positions (n, 2) or (2, n) as row and column: `positions` or `pos`; or `ppX` and `ppY` (n,) in metres,
as fold_slice names them. `lambda` (m) and `dx` (object pixel, m) are taken if they are there. `dp` and `cbed`
are intensities; whether others are amplitudes, where the zero frequency lies and the unit of `positions` are
found by looking.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import energy_ev
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess
from ptygui.io.matlab import MatFile, number, open_mat, pair, peek_variables
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

PATTERN_KEYS = ("dp", "diffraction", "patterns", "cbed", "data")
INTENSITY_KEYS = ("dp", "cbed")
PAIR_KEYS = ("positions", "pos")
COLUMN_KEYS = ("ppY", "ppX")
TRANSPOSED = 4
"""MATLAB writes the rows of a frame as columns."""


@register_reader
class MatlabScanReader:
    """Patterns and positions in a .mat file of any version."""

    name: ClassVar[str] = "MATLAB .mat"
    extensions: ClassVar[tuple[str, ...]] = (".mat",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has patterns and positions under usual names."""
        keys = peek_variables(path)
        positions = bool(keys & set(PAIR_KEYS)) or keys >= set(COLUMN_KEYS)
        return positions and bool(keys & set(PATTERN_KEYS))

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; `report` is told how far compressed patterns are unpacked."""
        with open_mat(path, report) as file:
            key = next(key for key in PATTERN_KEYS if key in file)
            wavelength_m = number(file, "lambda")
            metres = not any(key in file for key in PAIR_KEYS)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=file.stack(key),
                positions=_columns(file) if metres else _pairs(file),
                stated=Reading(
                    quantity="intensity" if key in INTENSITY_KEYS else None,
                    frames_orientation=TRANSPOSED,
                    position_unit="m" if metres else None,
                    energy_ev=energy_ev(wavelength_m) if wavelength_m else None,
                    pixel_size_m=_turned(pair(file, "dx")),
                ),
                guesses=(_FRAMES,) if metres else (_FRAMES, _ROWS),
            )


_FRAMES = Guess(
    "frames",
    "transposed",
    "MATLAB writes the rows of a frame as columns; nothing tells which way they lay in MATLAB.",
    "frames_orientation",
)
_ROWS = Guess(
    "positions",
    "row, column",
    "Nothing tells their order; MATLAB counts rows first.",
    "positions_orientation",
)


def _turned(pair_m: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return (y, x) in the axes of the stored frames, which are transposed."""
    return pair_m[::-1] if pair_m else None


def _columns(file: MatFile) -> NDArray[np.float64]:
    columns = [_real(file, key).reshape(-1) for key in COLUMN_KEYS]
    if len(columns[0]) != len(columns[1]):
        raise ScanError(
            f"{file.path.name} has {len(columns[0])} ppY but {len(columns[1])} ppX: each pattern needs both."
        )
    return np.stack(columns, axis=1)


def _pairs(file: MatFile) -> NDArray[np.float64]:
    key = next(key for key in PAIR_KEYS if key in file)
    values = _real(file, key)
    if values.ndim == 2 and values.shape[0] == 2 != values.shape[1]:
        values = values.T
    if values.ndim != 2 or values.shape[1] != 2:
        raise ScanError(
            f"{file.label(key)} must hold row and column of each pattern, (n, 2), not the shape "
            f"{values.shape}."
        )
    return values


def _real(file: MatFile, key: str) -> NDArray[np.float64]:
    values = file.array(key)
    if values.dtype.kind == "c":
        raise ScanError(f"{file.label(key)} must hold real numbers, not {values.dtype}.")
    return np.asarray(values, np.float64)
