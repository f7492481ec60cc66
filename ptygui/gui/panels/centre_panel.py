"""The centre: tabs from Prepare to Training, with the view's buttons in the corner."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from ptygui.gui.panels.compare_panel import ComparePanel
from ptygui.gui.panels.object_panel import ObjectPanel
from ptygui.gui.panels.pattern_panel import PatternPanel
from ptygui.gui.panels.prepare_panel import PreparePanel
from ptygui.gui.panels.probe_panel import ProbePanel
from ptygui.gui.panels.training_panel import TrainingPanel
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import action_buttons


class CentrePanel(QFrame):
    """What is looked at, as large as the window allows."""

    training_looked_at = Signal(bool)
    preparation_looked_at = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.object = ObjectPanel()
        self.prepare = PreparePanel()
        self.patterns = PatternPanel()
        self.probe = ProbePanel()
        self.compare = ComparePanel()
        self.training = TrainingPanel()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self._panels = (
            self.prepare,
            self.object,
            self.patterns,
            self.probe,
            self.compare,
            self.training,
        )
        titles = ("Prepare", "Object", "Patterns", "Probe", "Compare", "Training")
        for panel, title in zip(self._panels, titles, strict=True):
            self.tabs.addTab(panel, title)
        self.tabs.setCurrentWidget(self.object)
        self._corner = self._make_corner()
        self.tabs.setCornerWidget(self._corner, Qt.Corner.TopRightCorner)
        self.tabs.currentChanged.connect(self._show_corner)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.addWidget(self.tabs)

    def _make_corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.object.switch)
        row.addWidget(action_buttons(self.object.actions_for_corner()))
        return corner

    def _show_corner(self) -> None:
        self._corner.setVisible(self.tabs.currentWidget() is self.object)
        self.training_looked_at.emit(self.tabs.currentWidget() is self.training)
        self.preparation_looked_at.emit(self.tabs.currentWidget() is self.prepare)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        for panel in self._panels:
            panel.set_plot_colors(colors)
