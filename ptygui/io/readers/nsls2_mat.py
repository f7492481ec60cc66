"""NSLS-II HXN .mat (nsls2_diffraction_file.py and nsls2_product_file.py of Ptychodus).

`det_data` (H, W, n) intensities in MATLAB's axes; `pos_xy` (n, 2) [x, y] or (n, 3) [number, x, y] in
micrometres; `det_pixel_size` and `det_dist` in micrometres, `energy` in keV; `img_pixel_size_x` and
`img_pixel_size_y`, the object pixel, in metres; `prb` (H, W) or (H, W, modes). Any version of .mat.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import Guess
from ptygui.io.canonical import as_probe
from ptygui.io.matlab import MatFile, number, open_mat, pair, peek_variables
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

FRAMES, POSITIONS = "det_data", "pos_xy"
TRANSPOSED = 4
"""MATLAB writes the rows of a frame as columns."""


@register_reader
class Nsls2MatReader:
    """Scans of the Hard X-ray Nanoprobe that were saved from MATLAB."""

    name: ClassVar[str] = "NSLS-II .mat"
    extensions: ClassVar[tuple[str, ...]] = (".mat",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has patterns and positions under NSLS-II's names."""
        return {FRAMES, POSITIONS} <= peek_variables(path)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; `report` is told how far compressed patterns are unpacked."""
        with open_mat(path, report) as file:
            frames = file.stack(FRAMES)
            return RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=_positions_um(file),
                stated=_stated(file),
                guesses=(_FRAMES,),
                probe=_probe(file, frames.shape[:0:-1]),
                notes=("The sign of the positions is not told: turn them if the picture is not sharp.",),
            )


_FRAMES = Guess(
    "frames",
    "transposed",
    "MATLAB writes the rows of a frame as columns; nothing tells which way they lay in MATLAB.",
    "frames_orientation",
)


def _stated(file: MatFile) -> Reading:
    energy_kev, distance_um = number(file, "energy"), number(file, "det_dist")
    pixel_um = pair(file, "det_pixel_size")
    width_m, height_m = number(file, "img_pixel_size_x"), number(file, "img_pixel_size_y")
    return Reading(
        quantity="intensity",
        frames_orientation=TRANSPOSED,
        position_unit="um",
        energy_ev=energy_kev * 1e3 if energy_kev else None,
        distance_m=distance_um * 1e-6 if distance_um else None,
        detector_pixel_m=(pixel_um[0] * 1e-6, pixel_um[1] * 1e-6) if pixel_um else None,
        # in the axes of the stored frames: x runs down the rows
        pixel_size_m=(width_m, height_m) if width_m and height_m else None,
    )


def _positions_um(file: MatFile) -> NDArray[np.float64]:
    """Return (n, 2) (y, x)."""
    values = file.array(POSITIONS)
    if values.ndim == 2 and values.shape[0] in (2, 3) and values.shape[1] not in (2, 3):
        values = values.T
    if values.ndim != 2 or values.shape[1] not in (2, 3) or values.dtype.kind == "c":
        raise ScanError(
            f"{file.label(POSITIONS)} must hold x and y of each pattern, (n, 2) or (n, 3) with its number "
            f"before, not {values.dtype} of shape {values.shape}."
        )
    return np.asarray(values[:, :-3:-1], np.float64)


def _probe(file: MatFile, shape: tuple[int, ...]) -> NDArray[np.complex64] | None:
    if "prb" not in file:
        return None
    height, width = shape
    return as_probe(file.array("prb"), (height, width), file.label("prb"))
