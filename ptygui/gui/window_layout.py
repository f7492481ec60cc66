"""Where the panels stand in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from ptygui.gui.main_window import MainWindow

FIRST_SIZE = (1280, 800)
_BOTTOM_HEIGHT = 230
"""Enough for curves; the pictures above are limited by the width of the window then."""
_GAP = 10


def arrange(window: MainWindow) -> QSplitter:
    """Put the panels of a window in their places; returns what divides the picture from what is below it."""
    splitter = _divide(window.centre, window.bottom)
    right = QVBoxLayout()
    right.setSpacing(_GAP)
    right.addWidget(window.recovery_view)
    right.addWidget(window.banner)
    right.addWidget(splitter, 1)
    middle = QWidget()
    row = QHBoxLayout(middle)
    row.setContentsMargins(_GAP, _GAP, _GAP, 0)
    row.setSpacing(0)  # the path keeps room for its scroll bar
    row.addWidget(window.path)
    row.addLayout(right, 1)
    window.setCentralWidget(middle)
    window.setStatusBar(window.status_line)
    return splitter


def _divide(above: QWidget, below: QWidget) -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(_GAP)
    splitter.addWidget(above)
    splitter.addWidget(below)
    splitter.setStretchFactor(0, 1)
    splitter.setSizes([FIRST_SIZE[1] - _BOTTOM_HEIGHT, _BOTTOM_HEIGHT])
    return splitter
