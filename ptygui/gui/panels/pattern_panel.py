"""The Patterns tab: one pattern, measured and computed, beside the map of positions: a click selects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ptygui.core.events import StageResult
from ptygui.core.scan import Scan
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.pattern_view import PatternView
from ptygui.gui.widgets.position_map import PositionMap


class PatternPanel(QWidget):
    """The Patterns tab (presenters.pattern_presenter.PatternScreen)."""

    pattern_wanted = Signal(int)
    computed_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pattern, self.map = PatternView(), PositionMap()
        self._scan: Scan | None = None
        self.pattern.index_changed.connect(self.pattern_wanted)
        self.map.pattern_selected.connect(self.pattern_wanted)
        self.pattern.computed_wanted.connect(self.computed_wanted)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.pattern, 1)
        row.addWidget(self.map, 1)

    def show_scan(self, scan: Scan, *, again: bool = False) -> None:
        """Draw the positions; the pattern follows. `again`: contrast and view stay."""
        self._scan = scan
        if not again:
            self.pattern.clear()
        self.map.set_positions(scan.positions_px, scan.metadata.pixel_size_m, stay=again)

    def show_pattern(
        self, index: int, measured: NDArray[np.float32], computed: NDArray[np.float32] | None
    ) -> None:
        """Show a pattern, (H, W) counts, the computed one if there is one, and mark its position."""
        if self._scan is not None:
            self.pattern.set_pattern(measured, index, len(self._scan), self._scan.bad_pixels, computed)
            self.map.set_selected(index)
            self._row.setStretch(0, 1 if computed is None else 2)

    def show_stage(self, stage: StageResult | None) -> None:
        """Colour the map by how well a picture explains each pattern, and show how positions moved."""
        evidence = None if stage is None else stage.evidence
        self.pattern.offer_computed(stage is not None)
        self.map.set_values(None if evidence is None else evidence.r1, "R1 of each pattern")
        self.map.set_shifts(None if evidence is None else evidence.shifts_px)

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
