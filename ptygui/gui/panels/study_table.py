"""The table of a study below its curves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.widgets.cards import flat_button, text_label


class StudyTable(QWidget):
    """A title and a table that can be read and copied; hidden without rows."""

    figure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label("", "heading")
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self._shown: object = None
        self.figure_button = flat_button(
            "image-outline", "Show the figure of this study: curves and pictures"
        )
        self.figure_button.clicked.connect(lambda: self.figure_requested.emit())
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.figure_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.hide()

    def show_table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; the first column on the left, figures on the right."""
        shown = (title, tuple(header), tuple(map(tuple, rows)))
        if shown == self._shown:
            return
        self._shown = shown
        self.title.setText(title)
        self.table.setColumnCount(len(header))
        self.table.setHorizontalHeaderLabels(list(header))
        self.table.setRowCount(len(rows))
        for y, row in enumerate(rows):
            for x, words in enumerate(row):
                self.table.setItem(y, x, _cell(words, first=x == 0))
        self.table.resizeColumnsToContents()
        self.table.resizeRowsToContents()
        self.setVisible(bool(rows))


def _cell(words: str, *, first: bool) -> QTableWidgetItem:
    cell = QTableWidgetItem(words)
    side = Qt.AlignmentFlag.AlignLeft if first else Qt.AlignmentFlag.AlignRight
    cell.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return cell
