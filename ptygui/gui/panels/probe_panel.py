"""The Probe tab."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.probe_view import ProbeView


class ProbePanel(QWidget):
    """The Probe tab (presenters.main_presenter.ProbeScreen)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ProbeView()
        self.empty = text_label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.origin = text_label("", "muted")
        self.origin.setContentsMargins(8, 0, 8, 4)
        shown = QWidget()
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view, 1)
        column.addWidget(self.origin)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(shown)

    def show_probe(
        self, probe: NDArray[np.complex64], pixel_size_m: tuple[float, float] | None, origin: str
    ) -> None:
        """Show a probe, (modes, H, W), and say where it comes from."""
        self.view.set_probe(probe, pixel_size_m)
        self.origin.setText(origin)
        self._stack.setCurrentIndex(1)

    def show_no_probe(self, reason: str) -> None:
        """Show none and say why."""
        self.view.clear()
        self.empty.setText(reason)
        self._stack.setCurrentIndex(0)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.view.set_plot_colors(colors)
