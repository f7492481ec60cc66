"""A sentence across the top that stays until it is read: what went wrong, in place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.complaints import Complaint
from ptygui.gui.widgets.cards import StatusSentence, secondary_button


class Banner(QFrame):
    """Shows one complaint; a newer one takes its place."""

    by_hand_requested = Signal(object)
    """The HDF5 file (Path) that was complained of is to be opened by hand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._details = ""
        self._by_hand: Path | None = None
        self.message = StatusSentence()
        self.copy_button = secondary_button("Copy details", icon("content-copy"))
        self.copy_button.clicked.connect(self._copy)
        self.by_hand_button = secondary_button("Open by hand…", icon("file-tree-outline"))
        self.by_hand_button.setToolTip("Show what is in the file, and say where patterns and positions are")
        self.by_hand_button.clicked.connect(self._ask_by_hand)
        self.close_button = QToolButton()
        self.close_button.setIcon(icon("close"))
        self.close_button.setToolTip("Hide this message; it stays in the log")
        self.close_button.setAccessibleName("Hide message")
        self.close_button.clicked.connect(self.hide)
        self._arrange()
        self.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self.message, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.by_hand_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def show_complaint(self, complaint: Complaint) -> None:
        """Show what went wrong."""
        self.message.set("error", complaint.text)
        self._details = complaint.details or ""
        self.copy_button.setVisible(bool(self._details))
        self._by_hand = complaint.by_hand
        self.by_hand_button.setVisible(complaint.by_hand is not None)
        self.show()

    def _ask_by_hand(self) -> None:
        self.hide()
        self.by_hand_requested.emit(self._by_hand)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._details)
