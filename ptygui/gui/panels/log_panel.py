"""What happened, line by line, with the time of day."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ptygui.core.events import NoticeLevel

_LINES_KEPT = 5000
_MARKS: dict[NoticeLevel, str] = {"info": "", "warning": "warning: ", "error": "error: "}


class LogPanel(QWidget):
    """A read-only list of sentences; the oldest go when there are very many."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAcceptDrops(False)  # the window opens what is dropped
        self.text.setMaximumBlockCount(_LINES_KEPT)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Log")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addWidget(self.text)

    def write(self, text: str, level: NoticeLevel = "info") -> None:
        """Add a line with the time of day; it stays in sight if the end was."""
        self.text.appendPlainText(f"{datetime.now():%H:%M:%S}  {_MARKS[level]}{text}")

    @property
    def lines(self) -> list[str]:
        """Every line kept."""
        return self.text.toPlainText().splitlines()
