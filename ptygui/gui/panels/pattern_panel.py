"""The Patterns tab: one pattern beside the map of positions; a click on the map selects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ptygui.core.scan import Scan
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.pattern_view import PatternView
from ptygui.gui.widgets.position_map import PositionMap


class PatternPanel(QWidget):
    """The Patterns tab (presenters.pattern_presenter.PatternScreen)."""

    pattern_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pattern, self.map = PatternView(), PositionMap()
        self._scan: Scan | None = None
        self.pattern.index_changed.connect(self.pattern_wanted)
        self.map.pattern_selected.connect(self.pattern_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.pattern, 1)
        row.addWidget(self.map, 1)

    def show_scan(self, scan: Scan) -> None:
        """Draw the positions; the pattern follows."""
        self._scan = scan
        self.pattern.clear()
        self.map.set_positions(scan.positions_px, scan.metadata.pixel_size_m)

    def show_pattern(self, index: int, intensity: NDArray[np.float32]) -> None:
        """Show a pattern, (H, W) counts, and mark its position."""
        if self._scan is not None:
            self.pattern.set_pattern(intensity, index, len(self._scan), self._scan.bad_pixels)
            self.map.set_selected(index)

    def show_seen(self, indices: NDArray[np.intp]) -> None:
        """Mark the positions of the patterns that are in the picture already."""
        if self._scan is not None:
            mask = np.zeros(len(self._scan), np.bool_)
            mask[indices] = True
            self.map.set_seen(mask)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.pattern.set_plot_colors(colors)
        self.map.set_plot_colors(colors)
