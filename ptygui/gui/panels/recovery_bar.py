"""The question above the picture: what a crash left, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.widgets.cards import StatusSentence, secondary_button


class RecoveryBar(QFrame):
    """Offers what was kept of a refinement (presenters.recovery_presenter.RecoveryView)."""

    open_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.message = StatusSentence()
        self.open_button = secondary_button("Open", icon("restore"))
        self.open_button.setToolTip("Show what it had reached; Refine goes on from it. The file stays.")
        self.open_button.clicked.connect(self.open_requested)
        self.discard_button = secondary_button("Discard", icon("delete-outline"))
        self.discard_button.setToolTip("Delete what was kept")
        self.discard_button.clicked.connect(self.discard_requested)
        self.later_button = QToolButton()
        self.later_button.setIcon(icon("close"))
        self.later_button.setToolTip("Not now: ask again at the next start")
        self.later_button.setAccessibleName("Not now")
        self.later_button.clicked.connect(self.hide)
        self._arrange()
        self.hide()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self.message, 1, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.open_button, self.discard_button, self.later_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_leftover(self, words: str) -> None:
        """Offer what was kept of a refinement."""
        self.message.set("warning", words)
        self.show()

    def hide_leftover(self) -> None:
        """Offer nothing."""
        self.hide()

    def allow_choice(self, allowed: bool) -> None:
        """Allow or forbid opening it."""
        self.open_button.setEnabled(allowed)
