"""The map of positions with a lasso: what is kept, and, faint, what was dropped."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import flat_button
from ptygui.gui.widgets.drag_catcher import DragCatcher
from ptygui.gui.widgets.numbers import grouped
from ptygui.gui.widgets.position_map import PositionMap


class SelectionMap(PositionMap):
    """Draw around patterns to keep them, or to drop them."""

    MARGIN = 0.15  # a lasso begins beside the points
    lassoed = Signal(object, bool)
    """The polygon, a list of (y, x) in object pixels, and whether what is inside is kept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._line_drawn: list[tuple[float, float]] = []
        self._lasso = pg.PlotCurveItem(antialias=True)
        super().__init__(parent)
        self._lasso.setZValue(40)
        self.view.addItem(self._lasso, ignoreBounds=True)
        self._drags = DragCatcher(self.canvas, self.view)
        self._drags.began.connect(self._begin)
        self._drags.moved.connect(self._go_on)
        self._drags.ended.connect(self._finish)
        self.tools = self._make_tools()
        self.line.add(self.tools)
        self.line.replace_note()

    def set_kept(self, kept: NDArray[np.bool_]) -> None:
        """Show faintly the patterns, (n,) bool, that are dropped."""
        self._unseen_points.set_points(self._positions[~kept])
        self._seen_points.set_points(self._positions[kept])
        total, stay = grouped(len(kept)), int(kept.sum())
        self.line.note.setText(f"{total} positions" if kept.all() else f"{grouped(stay)} of {total} kept")

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        super().set_plot_colors(colors)
        self._unseen_points.set_color(colors.grid)
        self._seen_points.set_color(colors.axis)
        self._lasso.setPen(pg.mkPen(colors.accent, width=2))

    def allow_tools(self, allowed: bool) -> None:
        """Allow or forbid what changes the scan."""
        self.tools.setEnabled(allowed)
        self._drags.set_on(allowed and self._drawing)

    @property
    def _drawing(self) -> bool:
        return self.keep_button.isChecked() or self.drop_button.isChecked()

    def _make_tools(self) -> QWidget:
        self.keep_button = flat_button("lasso", "Lasso: keep the patterns inside")
        self.drop_button = flat_button("selection-remove", "Lasso: drop the patterns inside")
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.keep_button, self.drop_button):
            button.setCheckable(True)
            button.clicked.connect(lambda _on, mine=button: self._take_up(mine))
            row.addWidget(button)
        return tools

    def _take_up(self, chosen: QToolButton) -> None:
        for button in (self.keep_button, self.drop_button):
            if button is not chosen:
                button.setChecked(False)
        self._drags.set_on(self._drawing)

    def _begin(self, point: QPointF) -> None:
        self._line_drawn = []
        self._go_on(point)

    def _go_on(self, point: QPointF) -> None:
        self._line_drawn.append((point.y(), point.x()))
        y, x = np.array([*self._line_drawn, self._line_drawn[0]]).T
        self._lasso.setData(x, y)

    def _finish(self) -> None:
        height, width = self._scale.per_pixel
        polygon = [(y / height, x / width) for y, x in self._line_drawn]
        keeps = self.keep_button.isChecked()
        self._line_drawn = []
        self._lasso.setData([], [])
        for button in (self.keep_button, self.drop_button):
            button.setChecked(False)
        self._drags.set_on(False)
        if len(polygon) > 2:
            self.lassoed.emit(polygon, keeps)
