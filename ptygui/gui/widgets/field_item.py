"""Draws a two-dimensional field of any size, at a cost that depends only on the screen.

pyqtgraph's ImageItem converts the whole array at every change of levels, and its downsampling averages,
which is wrong for phases that wrap. Here only the visible part is taken, at the resolution of the screen,
and only then turned into amplitude, phase or logarithm, and into colours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import cmap
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from ptygui.gui.widgets.levels import Levels

Quantity = Callable[[NDArray[Any]], NDArray[Any]]
"""Turns a block of the stored field into what is shown, element by element."""

_COLORS = 255


class FieldItem(pg.GraphicsObject):  # type: ignore[misc]
    """A picture of an array; values that are not valid or not finite are left transparent."""

    def __init__(self, quantity: Quantity, colormap: str) -> None:
        super().__init__()
        self._quantity = quantity
        self._values: NDArray[Any] = np.zeros((0, 0), np.float32)
        self._valid: NDArray[np.bool_] | None = None
        self._rect = QRectF()
        self._levels: Levels = (0.0, 1.0)
        self._invalid_color = QColor(0, 0, 0, 0)
        self._drawn: tuple[tuple[int, ...], QImage] | None = None
        self.set_colormap(colormap)

    def set_field(self, values: NDArray[Any], rect: QRectF, valid: NDArray[np.bool_] | None = None) -> None:
        """Show `values` (rows, cols) on `rect`; not copied, so it must not change afterwards."""
        self.prepareGeometryChange()
        self._values, self._valid, self._rect = values, valid, rect
        self._redraw()

    def set_quantity(self, quantity: Quantity) -> None:
        """Change what is shown of the field."""
        self._quantity = quantity
        self._redraw()

    def set_levels(self, levels: Levels) -> None:
        """Set the values at the ends of the colour map."""
        self._levels = levels
        self._redraw()

    def set_colormap(self, name: str) -> None:
        """Use a colour map by its name in the library cmap."""
        self._table = color_table(name)
        self._redraw()

    def set_invalid_color(self, color: QColor) -> None:
        """Paint what is not valid in this colour instead of leaving it transparent."""
        self._invalid_color = color
        self._redraw()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt)
        """Return the area of the whole field."""
        return self._rect

    def element_at(self, point: QPointF | None) -> tuple[int, int] | None:
        """Return (row, col) of the element at view coordinates, or None outside."""
        if point is None or self._values.size == 0 or not self._rect.contains(point):
            return None
        rows, cols = self._values.shape
        row = int((point.y() - self._rect.top()) / self._rect.height() * rows)
        col = int((point.x() - self._rect.left()) / self._rect.width() * cols)
        return min(row, rows - 1), min(col, cols - 1)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the visible part."""
        block = self._visible_block(painter)
        if block is None:
            return
        if self._drawn is None or self._drawn[0] != block:
            self._drawn = (block, self._image(block))
        row, col, stride = block[0], block[1], block[-1]
        image = self._drawn[1]
        width, height = self._element_size()
        target = QRectF(
            self._rect.left() + col * width,
            self._rect.top() + row * height,
            image.width() * stride * width,
            image.height() * stride * height,
        )
        smooth = abs(painter.deviceTransform().m11()) * width < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, image)

    def _redraw(self) -> None:
        self._drawn = None
        self.update()

    def _element_size(self) -> tuple[float, float]:
        rows, cols = self._values.shape
        return self._rect.width() / cols, self._rect.height() / rows

    def _visible_block(self, painter: QPainter) -> tuple[int, int, int, int, int] | None:
        """Return (row, col, end row, end col, stride), the corner on a multiple of the stride."""
        seen = self.getViewBox().viewRect().intersected(self._rect)
        if self._values.size == 0 or seen.isEmpty():
            return None
        width, height = self._element_size()
        on_screen = min(
            abs(painter.deviceTransform().m11()) * width, abs(painter.deviceTransform().m22()) * height
        )
        stride = max(1, int(1 / on_screen)) if on_screen > 0 else 1
        row, col = (
            int(distance / size) // stride * stride
            for distance, size in (
                (seen.top() - self._rect.top(), height),
                (seen.left() - self._rect.left(), width),
            )
        )
        end_row = int(np.ceil((seen.bottom() - self._rect.top()) / height))
        end_col = int(np.ceil((seen.right() - self._rect.left()) / width))
        return row, col, end_row, end_col, stride

    def _image(self, block: tuple[int, ...]) -> QImage:
        row, col, end_row, end_col, stride = block
        part = np.s_[row:end_row:stride, col:end_col:stride]
        shown = self._quantity(self._values[part])
        valid = np.isfinite(shown)
        if self._valid is not None:
            valid &= self._valid[part]
        indices = color_indices(shown, valid, self._levels)
        rows, cols = indices.shape
        image = QImage(indices.data, cols, rows, cols, QImage.Format.Format_Indexed8)
        image.setColorTable([self._invalid_color.rgba(), *self._table])
        return image.copy()  # owns its bytes


@cache  # the window asks for few maps, for each of its pictures
def color_table(name: str) -> tuple[int, ...]:
    """Return a colour map as 255 numbers 0xAARRGGBB."""
    shares = cmap.Colormap(name)(np.linspace(0.0, 1.0, _COLORS))
    colors = np.rint(255 * np.asarray(shares)).astype(int)
    return tuple(QColor(*(int(part) for part in color)).rgba() for color in colors)


def color_indices(shown: NDArray[Any], valid: NDArray[np.bool_], levels: Levels) -> NDArray[np.uint8]:
    """Map values to 1..255 between the levels, clipped; 0 where not valid."""
    low, high = levels
    scaled = (np.where(valid, shown, low) - low) * ((_COLORS - 1) / (high - low))
    indices = np.clip(scaled, 0, _COLORS - 1).astype(np.uint8) + np.uint8(1)
    return np.ascontiguousarray(np.where(valid, indices, np.uint8(0)))
