"""Below the picture: progress, curves, evidence and log."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QTabWidget, QVBoxLayout, QWidget

from ptygui.gui.panels.curves_panel import CurvesPanel
from ptygui.gui.panels.evidence_panel import EvidencePanel
from ptygui.gui.panels.log_panel import LogPanel
from ptygui.gui.panels.progress_panel import ProgressPanel
from ptygui.gui.theme import PlotColors


class BottomPanel(QFrame):
    """Tabs Progress, Curves, How good? and Log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.progress, self.curves = ProgressPanel(), CurvesPanel()
        self.evidence, self.log = EvidencePanel(), LogPanel()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        panels = (self.progress, self.curves, self.evidence, self.log)
        for panel, title in zip(panels, ("Progress", "Curves", "How good?", "Log"), strict=True):
            self.tabs.addTab(panel, title)
        self.tabs.setCornerWidget(self.curves.corner, Qt.Corner.TopRightCorner)
        self.tabs.currentChanged.connect(self._show_corner)
        self._before: QWidget = self.progress
        self._show_corner()
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.addWidget(self.tabs)

    def show_curves_tab(self, shown: bool) -> None:
        """Bring the curves to the front, or what was there before them if they still are."""
        if shown:
            self._before = self.tabs.currentWidget()
            self.tabs.setCurrentWidget(self.curves)
        elif self.tabs.currentWidget() is self.curves:
            self.tabs.setCurrentWidget(self._before)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.curves.set_plot_colors(colors)
        self.evidence.set_plot_colors(colors)

    def _show_corner(self) -> None:
        self.curves.corner.setVisible(self.tabs.currentWidget() is self.curves)
