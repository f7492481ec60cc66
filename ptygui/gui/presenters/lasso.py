"""From a line drawn around patterns on the map to the step that keeps or drops them."""

from __future__ import annotations

from collections.abc import Sequence

from ptygui.core.preparation import Lasso
from ptygui.core.scan import Scan

Polygon = Sequence[tuple[float, float]]
"""(y, x)."""


def step(scan: Scan, polygon_px: Polygon, keep: bool) -> Lasso:
    """Return the step for a polygon in object pixels: it stays where it is, whatever is cropped before it."""
    size = scan.metadata.pixel_size_m if scan.positions.unit == "m" else None
    height, width = size or scan.metadata.pixel_ratio
    polygon = tuple((y * height, x * width) for y, x in polygon_px)
    return Lasso(polygon=polygon, keep=keep, unit="frame px" if size is None else "m")
