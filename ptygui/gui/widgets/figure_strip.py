"""A few numbers beside each other, each under its name, in as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ptygui.gui.widgets.cards import text_label

_COLUMN = 112
Figure = tuple[str, str, str, bool]
"""(name, value, tooltip, whether it deserves a look)."""


class FigureStrip(QWidget):
    """Shows figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 4, 8, 6)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._cells: list[QWidget] = []
        self._columns = 0

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show these instead of the former ones."""
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = [_cell(*figure) for figure in figures]
        self._columns = 0
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Use the room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        columns = max(1, min(self.width() // _COLUMN, max(len(self._cells), 1)))
        if columns == self._columns:
            return
        for column in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(column, int(column < columns))
        self._columns = columns
        for index, cell in enumerate(self._cells):
            self._grid.addWidget(cell, *divmod(index, columns))


def _cell(name: str, value: str, tip: str, alarming: bool) -> QWidget:
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    shown = text_label(value)
    if alarming:
        shown.setProperty("level", "warning")
    column.addWidget(text_label(name, "muted"))
    column.addWidget(shown)
    cell.setToolTip(tip)
    return cell
