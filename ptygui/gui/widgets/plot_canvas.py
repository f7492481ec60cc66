"""The surface that pictures are laid out on; says where the cursor is and what was clicked."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import PlotColors


class PlotCanvas(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """A pyqtgraph layout with tight margins."""

    cursor_moved = Signal(QPointF)
    """In coordinates of the scene."""
    cursor_left = Signal()
    clicked = Signal(QPointF)
    double_clicked = Signal(QPointF)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ci.layout.setContentsMargins(4, 4, 4, 2)
        self.ci.layout.setSpacing(0)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.scene().sigMouseMoved.connect(self.cursor_moved.emit)
        self.scene().sigMouseClicked.connect(self._clicked)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.setBackground(colors.background)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt)
        """Report that the cursor is gone."""
        super().leaveEvent(event)
        self.cursor_left.emit()

    def _clicked(self, event: object) -> None:
        if event.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        signal = self.double_clicked if event.double() else self.clicked  # type: ignore[attr-defined]
        signal.emit(event.scenePos())  # type: ignore[attr-defined]
