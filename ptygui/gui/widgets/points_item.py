"""Many equal points, drawn in one call: 50,000 of them stay quick where a scatter plot does not."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QTransform

_MANY = 5000
"""From here on points are square: 50,000 take 5 ms instead of 80."""


class PointsItem(pg.GraphicsObject):  # type: ignore[misc]
    """Points whose size adapts to `spacing`, at most 5 and at least 1.5 pixels wide."""

    def __init__(self) -> None:
        super().__init__()
        self._polygon = QPolygonF()
        self._rect = QRectF()
        self._pen = QPen()
        self._spacing = 0.0

    def set_spacing(self, spacing: float) -> None:
        """Say how far points lie apart, in view coordinates; items told the same draw equal points."""
        self._spacing = spacing
        self.update()

    def set_points(self, positions: NDArray[np.float64]) -> None:
        """Show points (n, 2) (y, x), in view coordinates."""
        self.prepareGeometryChange()
        x, y = positions[:, 1], positions[:, 0]
        self._polygon = pg.functions.arrayToQPolygonF(x, y) if len(positions) else QPolygonF()
        self._rect = self._polygon.boundingRect()
        self.update()

    def set_color(self, color: str) -> None:
        """Follow the theme."""
        self._pen = pg.mkPen(color)
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt)
        """Return the area of the points with room for their size."""
        pixel_x, pixel_y = self.pixelVectors()
        margin = 4 * max(pixel_x.x() if pixel_x else 0, abs(pixel_y.y()) if pixel_y else 0)
        return self._rect.adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw all points."""
        if self._polygon.isEmpty():
            return
        scale = abs(painter.deviceTransform().m11())
        self._pen.setWidthF(self._width(scale))
        few = self._polygon.size() < _MANY
        self._pen.setCapStyle(Qt.PenCapStyle.RoundCap if few else Qt.PenCapStyle.SquareCap)
        painter.setPen(self._pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
        on_screen = painter.worldTransform().map(self._polygon)
        painter.setWorldTransform(QTransform())  # Qt draws a point as a line as long as 1/63 of a unit
        painter.drawPoints(on_screen)

    def _width(self, scale: float) -> float:
        """Width of a point on the screen, where `scale` pixels are one unit of the view."""
        return float(np.clip(0.35 * scale * self._spacing, 1.5, 5.0))
