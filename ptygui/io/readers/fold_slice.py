"""fold_slice of the Advanced Photon Source: patterns and positions in a pair of files (hdf5_pos_aps.m).

`data_roi<label>_dp.hdf5`: `dp` (n, H, W) intensities around the beam. `data_roi<label>_para.hdf5`: `ppX`,
`ppY` (n,) in metres; beside them, for measured scans, `lambda` (wavelength, m), `dx` (object pixel, m) and
`angle` (degrees; fold_slice/position_file.py of Ptychodus). MATLAB takes (-ppY, -ppX) as positions of the
sample and turns their sign (ptycho_adjust_positions.m), so that (ppY, ppX) are rows and columns.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import energy_ev
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import column, positive, scalar
from ptygui.io.pairs import PARAMETERS, PATTERNS, is_fold_slice, partner
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class FoldSliceReader:
    """Scans prepared for fold_slice."""

    name: ClassVar[str] = "fold_slice (_dp and _para)"
    extensions: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it is one of the two: with fold_slice's positions, or patterns beside such a file."""
        return is_fold_slice(path)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read the pair from either of its files; nothing is unpacked, so nothing is reported."""
        patterns_path, parameters_path = _pair(path)
        with hdf5.open_hdf5(patterns_path) as file:
            frames = open_stack(file, "dp")
        with hdf5.open_hdf5(parameters_path) as file:
            angle = scalar(file, "angle")
            return RawScan(
                name=patterns_path.stem.removesuffix(PATTERNS),
                path=str(patterns_path),
                format=self.name,
                frames=frames,
                positions=_positions_m(file),
                stated=_stated(file),
                guesses=(_FRAMES,),
                extra={"angle_deg": angle} if angle else {},
                companions=(str(parameters_path),),
            )


_FRAMES = Guess(
    "frames",
    "as stored",
    "Beamlines write them upright; files that MATLAB wrote hold each frame transposed.",
    "frames_orientation",
)


def _pair(path: Path) -> tuple[Path, Path]:
    """Return the paths of patterns and parameters; one file may hold both."""
    has_patterns, has_positions = hdf5.has(path, "dp"), hdf5.has(path, "ppX", "ppY")
    if has_patterns:
        return path, path if has_positions else partner(path, PATTERNS, PARAMETERS)
    patterns = partner(path, PARAMETERS, PATTERNS)
    if not patterns.exists():
        raise ScanError(
            f"{path.name} holds positions, but {patterns.name} with the patterns is missing: put it into the "
            "same folder."
        )
    return patterns, path


def _positions_m(file: h5py.File) -> NDArray[np.float64]:
    """Return (n, 2) (y, x)."""
    y, x = column(file, "ppY"), column(file, "ppX")
    if len(y) != len(x):
        raise ScanError(f"{hdf5.name(file)} has {len(y)} ppY but {len(x)} ppX: each pattern needs both.")
    return np.stack([y, x], axis=1)


def _stated(file: h5py.File) -> Reading:
    wavelength_m, pixel_m = positive(file, "lambda"), positive(file, "dx")
    return Reading(
        quantity="intensity",
        zero_frequency="centre",
        positions_orientation=0,
        position_unit="m",
        energy_ev=energy_ev(wavelength_m) if wavelength_m else None,
        pixel_size_m=(pixel_m, pixel_m) if pixel_m else None,
    )
