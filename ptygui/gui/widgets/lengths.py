"""From array elements to axes: micrometres, nanometres or pixels of the scan's frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from ptygui.core.scan import ObjectImage
from ptygui.gui.widgets.numbers import SPACE, fixed

PixelSize = tuple[float, float] | None
"""Object pixel (y, x) in metres, or None when the geometry is unknown."""


@dataclass(frozen=True)
class LengthScale:
    """How long an object pixel is on an axis."""

    unit: str
    per_pixel: tuple[float, float]
    """(y, x), in `unit`."""
    decimals: int
    """Enough to tell two neighbouring pixels apart."""

    def place(self, pixels: Iterable[float], min_decimals: int = 0) -> tuple[str, str]:
        """Write (y, x), given in pixels, with the unit."""
        decimals = max(self.decimals, min_decimals)
        y, x = (
            f"{fixed(count * size, decimals)}{SPACE}{self.unit}"
            for count, size in zip(pixels, self.per_pixel, strict=True)
        )
        return y, x


def length_scale(pixel_size_m: PixelSize) -> LengthScale:
    """Choose the unit: pixels when nothing is known, nanometres for pixels below 2 nm, else micrometres.

    It depends on the pixel alone, not on the field, so that axes keep their unit while a picture grows.
    """
    if pixel_size_m is None:
        return LengthScale("px", (1.0, 1.0), 0)
    unit, factor, decimals = ("nm", 1e9, 1) if min(pixel_size_m) < 2e-9 else ("µm", 1e6, 2)
    height, width = pixel_size_m
    return LengthScale(unit, (height * factor, width * factor), decimals)


@dataclass(frozen=True)
class Extent:
    """Where an image lies on its axes, +y down, in the unit of `scale`."""

    rect: QRectF
    scale: LengthScale


def image_extent(image: ObjectImage) -> Extent:
    """Place an image in the frame of its scan.

    A pixel is centred on its coordinate, so [0, 0] covers origin - 0.5 to origin + 0.5. An element of a
    strided preview stands for the `stride` pixels from its own one on: preview and full image begin at the
    same corner and cover the same area (up to one stride at the far edges).
    """
    size = image.pixel_size_m
    scale = length_scale((size[0] / image.stride, size[1] / image.stride) if size else None)
    (pixel_y, pixel_x), (row, col) = scale.per_pixel, image.origin_px
    rows, cols = (count * image.stride for count in image.values.shape)
    corner = (col - 0.5) * pixel_x, (row - 0.5) * pixel_y
    return Extent(QRectF(*corner, cols * pixel_x, rows * pixel_y), scale)


def covered_rect(covered: NDArray[np.bool_], rect: QRectF) -> QRectF:
    """Return the part of `rect` that holds all of what is covered, or all of it if nothing is."""
    rows, cols = (np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        return rect
    height, width = rect.height() / covered.shape[0], rect.width() / covered.shape[1]
    return QRectF(
        rect.left() + cols[0] * width,
        rect.top() + rows[0] * height,
        (cols[-1] + 1 - cols[0]) * width,
        (rows[-1] + 1 - rows[0]) * height,
    )


def positions_rect(positions_px: NDArray[np.float64], scale: LengthScale) -> QRectF:
    """Return the smallest box that holds all positions, (n, 2) (y, x); empty without any."""
    if len(positions_px) == 0:
        return QRectF()
    placed = positions_px * scale.per_pixel
    (top, left), (bottom, right) = placed.min(axis=0), placed.max(axis=0)
    return QRectF(left, top, right - left, bottom - top)


def surrounded(positions: QRectF, covered: QRectF) -> QRectF:
    """Widen the box of all positions on every side as far as `covered` reaches beyond it on any side.

    A probe reaches equally far on all sides: the first row of a scan shows how large the object will be.
    """
    margin = max(
        positions.left() - covered.left(),
        positions.top() - covered.top(),
        covered.right() - positions.right(),
        covered.bottom() - positions.bottom(),
        0.0,
    )
    return positions.adjusted(-margin, -margin, margin, margin).united(covered)
