"""That a scan is prepared as remembered for files of its kind, and one click against it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ptygui.gui.presenters.remembered_words import RememberedNote
from ptygui.gui.widgets.cards import StatusSentence, secondary_button


class RememberedBar(QWidget):
    """Stands above everything else in the Prepare tab, where there is something to say."""

    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence, self.button = StatusSentence(), secondary_button("")
        self.button.setToolTip("For this scan only; undo takes it back")
        self.button.clicked.connect(self.toggled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 2)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.button)
        self.show_note(RememberedNote())

    def show_note(self, note: RememberedNote) -> None:
        """Say it; nothing is said without a sentence."""
        self.sentence.set(note.level, note.sentence)
        self.button.setText(note.button)
        self.button.setVisible(bool(note.button))
        self.setVisible(bool(note.sentence))
