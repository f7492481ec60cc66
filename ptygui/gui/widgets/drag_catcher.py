"""Takes the drags on a plot, while a tool is in the hand: they draw instead of moving the view."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from ptygui.gui.widgets.plot_canvas import PlotCanvas


class DragCatcher(QObject):
    """Says where the left button is pressed, dragged and released on a view, in the view's coordinates."""

    began = Signal(QPointF)
    moved = Signal(QPointF)
    ended = Signal()

    def __init__(self, canvas: PlotCanvas, view: pg.ViewBox) -> None:
        super().__init__(canvas)
        self._canvas, self._view = canvas, view
        self._on, self._dragging = False, False
        canvas.viewport().installEventFilter(self)

    def set_on(self, on: bool) -> None:
        """Take the drags, or leave them to the view."""
        self._on = on
        self._dragging = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 Qt's name
        """Take what belongs to a drag with the left button."""
        if not self._on or not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        kind, scene = event.type(), self._canvas.mapToScene(event.position().toPoint())
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = bool(self._view.sceneBoundingRect().contains(scene))
            if self._dragging:
                self.began.emit(self._view.mapSceneToView(scene))
        elif kind == QEvent.Type.MouseMove and self._dragging:
            self.moved.emit(self._view.mapSceneToView(scene))
        elif kind == QEvent.Type.MouseButtonRelease and self._dragging:
            self._dragging = False
            self.ended.emit()
        else:
            return False
        return self._dragging or kind == QEvent.Type.MouseButtonRelease
