"""What a file does not tell: the sentence, the lines to fill, and the ways out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.scan_presenter import Lack
from ptygui.gui.widgets.cards import StatusSentence, primary_button, secondary_button
from ptygui.gui.widgets.reading_list import ReadingList


class LackForm(QWidget):
    """Shows exactly what is lacking; what is being typed is never lost."""

    told = Signal(str, str)
    """Name of a field of the reading, and what it is."""
    positions_requested = Signal()
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence, self.problem, self.lines = StatusSentence(), StatusSentence(), ReadingList()
        self.first_button = primary_button("")
        self.positions_button = primary_button("Choose the positions…", icon("vector-polyline", "on_accent"))
        self.give_up_button = secondary_button("Never mind")
        self.lines.overruled.connect(self.told)
        self.first_button.clicked.connect(lambda: self.told.emit("mismatch", "first"))
        self.positions_button.clicked.connect(self.positions_requested)
        self.give_up_button.clicked.connect(self.given_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (
            self.sentence,
            self.lines,
            self.problem,
            self.first_button,
            self.positions_button,
            self.give_up_button,
        ):
            column.addWidget(widget)

    def show_lack(self, lack: Lack) -> None:
        """Ask for it."""
        self.sentence.set("warning", lack.sentence)
        self.problem.set("error", "")
        self.lines.show_rows(lack.rows)
        self.first_button.setText(lack.first_of_both)
        self.first_button.setVisible(bool(lack.first_of_both))
        self.positions_button.setText(
            "Choose other positions…" if lack.first_of_both else "Choose the positions…"
        )
        self.positions_button.setVisible(lack.positions_file)
