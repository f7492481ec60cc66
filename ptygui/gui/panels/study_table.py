"""The table of a study: a row an arm."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ptygui.gui.widgets.cards import text_label

_NONE_YET = "No table yet: it comes when the first run is done."


class StudyTable(QWidget):
    """A table that can be read and copied, or a word on why there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.empty = text_label(_NONE_YET, "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(8, 4, 8, 4)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)

    def show_table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; the first column on the left, figures on the right."""
        self.table.setColumnCount(len(header))
        self.table.setHorizontalHeaderLabels(list(header))
        self.table.setRowCount(len(rows))
        for y, row in enumerate(rows):
            for x, words in enumerate(row):
                self.table.setItem(y, x, _cell(words, first=x == 0))
        self.table.resizeColumnsToContents()
        self.table.resizeRowsToContents()
        self._stack.setCurrentIndex(int(bool(rows)))


def _cell(words: str, *, first: bool) -> QTableWidgetItem:
    cell = QTableWidgetItem(words)
    side = Qt.AlignmentFlag.AlignLeft if first else Qt.AlignmentFlag.AlignRight
    cell.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return cell
