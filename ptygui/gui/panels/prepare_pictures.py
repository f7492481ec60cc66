"""The right side of the Prepare tab: mean pattern, map, and the numbers that a scientist checks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from ptygui.gui.presenters.prepare_screen import Frame
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.figure_strip import FigureStrip
from ptygui.gui.widgets.mean_pattern import MeanPattern
from ptygui.gui.widgets.selection_map import SelectionMap

if TYPE_CHECKING:
    from ptygui.gui.overview import Overview

_WIDE = 1.15
"""From this ratio of width to height on, pattern and map stand beside each other."""


class PreparePictures(QWidget):
    """Beside each other, or one below the other where there is more height than width."""

    lassoed = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pattern, self.map, self.figures = MeanPattern(), SelectionMap(), FigureStrip()
        self.map.lassoed.connect(self.lassoed)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(4)
        self._pair.addWidget(self.pattern, 1)
        self._pair.addWidget(self.map, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._pair, 1)
        column.addWidget(self.figures)

    def show_overview(self, overview: Overview, frame: Frame | None, seen_at: str) -> None:
        """Show the mean pattern with its mask, and the map with what was dropped faint."""
        self.pattern.set_pattern(overview.mean, overview.bad, seen_at)
        if frame is None:
            self.pattern.set_frame(None)
        else:
            self.pattern.set_frame(frame.centre, frame.size)
        self.map.set_positions(overview.positions_px, overview.pixel_size_m)
        self.map.set_kept(overview.kept)

    def allow_tools(self, allowed: bool) -> None:
        """Allow or forbid what changes the scan."""
        self.pattern.allow_tools(allowed)
        self.map.allow_tools(allowed)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.pattern.set_plot_colors(colors)
        self.map.set_plot_colors(colors)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Stand where there is room."""
        super().resizeEvent(event)
        wide = self.width() > _WIDE * self.height()
        directions = QBoxLayout.Direction
        self._pair.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
