"""The window of a crop on a pattern: dragged as a whole, or sized about its centre."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Signal

from ptygui.gui.theme import PlotColors

Place = tuple[int, int]


class CropFrame(QObject):
    """A rectangle with handles and the centre that becomes the zero frequency; both can be dragged."""

    dragged = Signal(object, object)
    """(row, col) of the centre, (rows, cols); not emitted by `show_at`."""

    def __init__(self, view: pg.ViewBox) -> None:
        super().__init__(view)
        self._showing = False
        self._size: Place = (2, 2)
        self.box = pg.ROI((0, 0), (2, 2), rotatable=False)
        for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
            self.box.addScaleHandle(corner, (0.5, 0.5))
        self.centre = pg.TargetItem((0, 0), size=14, movable=True)
        for item, depth in ((self.box, 20), (self.centre, 30)):
            item.setZValue(depth)
            view.addItem(item, ignoreBounds=True)
        self.box.sigRegionChangeFinished.connect(self._box_dragged)
        self.centre.sigPositionChangeFinished.connect(self._centre_dragged)
        self.hide()

    def hide(self) -> None:
        """Show no frame."""
        self.box.hide()
        self.centre.hide()

    @property
    def visible(self) -> bool:
        """Whether a frame is shown."""
        return bool(self.box.isVisible())

    def show_at(self, centre: Place, size: Place) -> None:
        """Show the frame of `size` (rows, cols) whose pixel [size//2] is `centre` (row, col)."""
        self._showing, self._size = True, size
        top, left = (at - length // 2 - 0.5 for at, length in zip(centre, size, strict=True))
        self.box.setPos((left, top), update=False)
        self.box.setSize((size[1], size[0]))
        self.centre.setPos(centre[1], centre[0])
        self.box.show()
        self.centre.show()
        self._showing = False

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.box.setPen(pg.mkPen(colors.accent, width=2))
        self.box.hoverPen = pg.mkPen(colors.accent, width=3)
        self.centre.setPen(pg.mkPen(colors.accent, width=1))

    def _box_dragged(self) -> None:
        if self._showing:
            return
        left, top = self.box.pos()
        width, height = self.box.size()
        size = (_even(height), _even(width))
        centre = QPointF(left + width / 2, top + height / 2)
        self.dragged.emit((round(centre.y()), round(centre.x())), size)

    def _centre_dragged(self) -> None:
        if not self._showing:
            at = self.centre.pos()
            self.dragged.emit((round(at.y()), round(at.x())), self._size)


def _even(length: float) -> int:
    return max(2, 2 * round(abs(length) / 2))
