"""Two thin lines through the place of the cursor, to be seen on dark and on bright pictures."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt

_PENS = (("#000000", Qt.PenStyle.SolidLine), ("#ffffff", Qt.PenStyle.DashLine))
"""White dashes on black: one of the two always stands out."""


class CrossHair:
    """A vertical and a horizontal line across a view; they do not change what it shows."""

    def __init__(self, view: pg.ViewBox) -> None:
        self._upright = [_new_line(view, 90, *pen) for pen in _PENS]
        self._level = [_new_line(view, 0, *pen) for pen in _PENS]
        self.place: tuple[float, float] | None = None
        """(x, y) in coordinates of the view; None while it is hidden."""
        self.show_at(None)

    def show_at(self, point: QPointF | None) -> None:
        """Cross at a point; None hides the lines."""
        self.place = None if point is None else (point.x(), point.y())
        for line in (*self._upright, *self._level):
            line.setVisible(point is not None)
            if point is not None:
                line.setPos(point)


def _new_line(view: pg.ViewBox, angle: float, color: str, style: Qt.PenStyle) -> pg.InfiniteLine:
    line = pg.InfiniteLine(angle=angle, pen=pg.mkPen(color, width=1, style=style))
    line.setOpacity(0.6)
    line.setZValue(10)
    view.addItem(line, ignoreBounds=True)
    return line
