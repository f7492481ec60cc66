"""The parts of a Ptychodus product (.h5) that a scan and a result read alike.

Layout: h5_product_file.py of Ptychodus. `probe_position_x_m`, `probe_position_y_m` (n,) metres;
`probe` (..., modes, H, W) and `object` (layers, rows, cols) complex with the attributes `pixel_height_m`,
`pixel_width_m`, the object also with `center_x_m`, `center_y_m`; row = (y - center_y) / pixel_height +
rows / 2, and columns alike.
"""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5

MIN_PIXEL_M, MAX_PIXEL_M = 1e-13, 1e-2
"""From electrons to visible light, with room on both sides."""
X_KEY, Y_KEY, INDEX_KEY = "probe_position_x_m", "probe_position_y_m", "probe_position_indexes"


def positions_m(file: h5py.File) -> NDArray[np.float64]:
    """Read the positions, (n, 2) (y, x) metres; raises ScanError."""
    y, x = (hdf5.array(file, key).reshape(-1) for key in (Y_KEY, X_KEY))
    if len(y) != len(x) or "c" in (x.dtype.kind, y.dtype.kind):
        raise ScanError(
            f"{hdf5.name(file)} has {len(y)} {Y_KEY} but {len(x)} {X_KEY}: each pattern needs both."
        )
    return np.stack([y, x], axis=1).astype(np.float64)


def pixel_size_m(file: h5py.File) -> tuple[float, float]:
    """Read the object pixel (y, x) from the object, or else the probe, whose pixels are the same.

    Raises
    ------
    ScanError
        If neither has a sensible one.
    """
    for key in ("object", "probe"):
        if hdf5.linked(file, key):
            found = hdf5.dataset(file, key)
            height = hdf5.number(found, "pixel_height_m") or 0.0
            width = hdf5.number(found, "pixel_width_m") or 0.0
            if MIN_PIXEL_M < min(height, width) <= max(height, width) < MAX_PIXEL_M:
                return height, width
    raise ScanError(
        f"{hdf5.name(file)} gives positions in metres but no sensible pixel size: the dataset object "
        "or probe needs the attributes pixel_height_m and pixel_width_m."
    )


def object_origin_px(
    found: Any, shape: tuple[int, ...], pixel_size_m: tuple[float, float]
) -> tuple[float, float]:
    """Return the place (row, col) of element [0, 0] of an object (..., rows, cols), in pixels."""
    centre = [hdf5.number(found, key) or 0.0 for key in ("center_y_m", "center_x_m")]
    row, col = (c / pixel - n / 2 for c, pixel, n in zip(centre, pixel_size_m, shape[-2:], strict=False))
    return row, col
