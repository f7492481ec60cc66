"""NSLS-II HXN "Style 1" .h5 (nsls2_diffraction_file.py and nsls2_position_file.py of Ptychodus).

Frames as the detector wrote them in `entry/data/data`, or else in `diff_data/merlin1/det_images`;
`scan/scan_positions` (2, n) [x; y] in micrometres, `scan/energy` in eV. Neither distance nor detector pixel
is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np

from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.hdf5_values import positive, rows_of_two
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAME_KEYS = ("entry/data/data", "diff_data/merlin1/det_images")
POSITIONS = "scan/scan_positions"


@register_reader
class Nsls2Style1Reader:
    """Frames and positions of NSLS-II in one file."""

    name: ClassVar[str] = "NSLS-II Style 1 .h5"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has positions and frames under the names of this style."""
        return any(hdf5.has(path, POSITIONS, key) for key in FRAME_KEYS)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        with hdf5.open_hdf5(path) as file:
            x, y = rows_of_two(file, POSITIONS)
            exposure_s = positive(file, "scan/exposure_time")
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=open_stack(file, _frames(file)),
                positions=np.stack([y, x], axis=1),
                stated=Reading(
                    quantity="intensity", position_unit="um", energy_ev=positive(file, "scan/energy")
                ),
                notes=("The sign of the positions is not told: turn them if the picture is not sharp.",),
                extra={"exposure_time_s": exposure_s} if exposure_s else {},
            )


def _frames(file: h5py.File) -> str:
    return next(key for key in FRAME_KEYS if hdf5.linked(file, key))
