"""The left side: the numbered path from scan to go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStyle, QVBoxLayout, QWidget

from ptygui.gui.panels.device_panel import DevicePanel
from ptygui.gui.panels.generator_panel import GeneratorPanel
from ptygui.gui.panels.go_panel import GoPanel
from ptygui.gui.panels.scan_panel import ScanPanel

_CARD_WIDTH = 296
_GAP = 10


class PathPanel(QWidget):
    """Cards of one comfortable width; when the window is low they scroll, but for the one that acts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scan, self.generator = ScanPanel(), GeneratorPanel()
        self.device, self.go = DevicePanel(), GoPanel()
        for card in (self.scan, self.generator, self.device, self.go):
            card.setFixedWidth(_CARD_WIDTH)
        self.cards = _CardScroll(_below(self.scan, self.generator, self.device))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_GAP)
        column.addWidget(self.cards)
        column.addWidget(self.go)
        column.addStretch(1)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setFixedWidth(_CARD_WIDTH + max(bar, _GAP))


class _CardScroll(QScrollArea):
    """As high as its cards, if there is room."""

    def __init__(self, cards: QWidget) -> None:
        super().__init__()
        self._cards = cards
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidgetResizable(True)
        self.setWidget(cards)
        cards.installEventFilter(self)

    def sizeHint(self) -> QSize:  # noqa: N802 Qt's name
        """Return the size of the cards; Qt's own answer stops at 24 lines of text."""
        return self._cards.sizeHint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 Qt's name
        """Follow cards that grow or shrink."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def _below(*cards: QWidget) -> QWidget:
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(_GAP)
    for card in cards:
        column.addWidget(card)
    column.addStretch(1)
    return holder
