"""The left side: the numbered path from scan to go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QVBoxLayout, QWidget

from ptygui.gui.panels.device_panel import DevicePanel
from ptygui.gui.panels.generator_panel import GeneratorPanel
from ptygui.gui.panels.go_panel import GoPanel
from ptygui.gui.panels.scan_panel import ScanPanel

_CARD_WIDTH = 296
_GAP = 10


class PathPanel(QScrollArea):
    """A column of cards of one comfortable width; it scrolls when the window is low."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scan = ScanPanel()
        self.generator = GeneratorPanel()
        self.device = DevicePanel()
        self.go = GoPanel()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(self._make_column())
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setFixedWidth(_CARD_WIDTH + max(bar, _GAP))

    def _make_column(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        for card in (self.scan, self.generator, self.device, self.go):
            card.setFixedWidth(_CARD_WIDTH)
            column.addWidget(card)
        column.addStretch(1)
        return holder
