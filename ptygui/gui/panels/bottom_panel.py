"""Below the picture: progress and log."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QTabWidget, QVBoxLayout, QWidget

from ptygui.gui.panels.log_panel import LogPanel
from ptygui.gui.panels.progress_panel import ProgressPanel


class BottomPanel(QFrame):
    """Tabs Progress and Log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self.progress = ProgressPanel()
        self.log = LogPanel()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.progress, "Progress")
        self.tabs.addTab(self.log, "Log")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.addWidget(self.tabs)
