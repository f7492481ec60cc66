"""LCLS XPP .h5 (lcls_file_readers.py of Ptychodus).

`jungfrau1M/image_img` (n, H, W) frames as the detector stands; piezo stages in micrometres `lmc/ch03`,
`lmc/ch04`, `lmc/ch05` (n,): x = cos(a) ch03 + sin(a) ch04 with a = 180 degrees, y = -ch05; `ipm2/sum` (n,) is
the pulse energy of each shot. No photon energy, distance or pixel is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource, SelectedPatterns
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import column
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAMES = "jungfrau1M/image_img"
X, Y, MONITOR = "lmc/ch03", "lmc/ch05", "ipm2/sum"


@register_reader
class LclsXppReader:
    """Shots of the X-ray Pump Probe instrument, one file a run."""

    name: ClassVar[str] = "LCLS XPP .h5"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has frames of XPP's detector and positions of its stages."""
        return hdf5.has(path, FRAMES, X, Y)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; shots without a position are left out. Nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            stages = _stages_um(file)
            monitor = column(file, MONITOR) if hdf5.linked(file, MONITOR) else None
            known = np.flatnonzero(np.isfinite(stages).all(axis=1))
            frames = _of_shots(file, open_stack(file, FRAMES), len(stages), known)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=stages[known],
                stated=Reading(quantity="intensity", position_unit="um", positions_orientation=3),
                monitor=monitor[known] if monitor is not None and len(monitor) == len(stages) else None,
                notes=_notes(len(stages) - len(known), monitor),
            )


def _stages_um(file: h5py.File) -> NDArray[np.float64]:
    """Return where the stages stood, (n, 2) (ch05, ch03)."""
    y, x = column(file, Y), column(file, X)
    if len(y) != len(x):
        raise ScanError(f"{hdf5.name(file)} has {len(y)} values of {Y} but {len(x)} of {X}: both are needed.")
    return np.stack([y, x], axis=1)


def _of_shots(file: h5py.File, frames: PatternSource, shots: int, known: NDArray[np.intp]) -> PatternSource:
    """Return the frames of the shots whose position is known."""
    if frames.shape[0] != shots:
        raise ScanError(
            f"{hdf5.name(file)} has {frames.shape[0]:,} frames but {shots:,} positions of the stages: "
            "each shot needs both."
        )
    if len(known) == 0:
        raise ScanError(f"{hdf5.name(file)} has no shot whose position is a finite number.")
    return frames if len(known) == shots else SelectedPatterns(frames, known)


def _notes(unknown: int, monitor: NDArray[np.float64] | None) -> tuple[str, ...]:
    notes = ["The sample's rotation is not stored: 180° is assumed, so ch04 does not count."]
    if unknown:
        notes.append(f"{unknown:,} shots without a position were left out.")
    lit = np.zeros(0) if monitor is None else monitor[np.isfinite(monitor)]
    if len(lit):
        notes.append(
            f"The pulse energy of the shots (ipm2) is {np.median(lit):,.0f} in the median: leave out "
            "shots far from it by their monitor."
        )
    return tuple(notes)
