"""Probe positions as a table: index,y_m,x_m, or index,y_px,x_px where the geometry is unknown."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptygui.core.geometry import to_metres


def write_positions(
    path: Path, positions_px: NDArray[np.float64], pixel_size_m: tuple[float, float] | None
) -> None:
    """Write positions as UTF-8, so that reading them gives the same doubles; the unit stands in the header.

    Parameters
    ----------
    path : Path
        Replaced if it exists.
    positions_px : (n, 2) (y, x)
    pixel_size_m : (y, x) or None

    Raises
    ------
    OSError
        If it cannot be written.
    """
    unit, values = (
        ("px", positions_px) if pixel_size_m is None else ("m", to_metres(positions_px, pixel_size_m))
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("index", f"y_{unit}", f"x_{unit}"))
        table.writerows((index, *pair) for index, pair in enumerate(values.tolist()))
