"""A grid of rows that say where in a file things are: key, part, multiplier, offset."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QWidget

from ptygui.gui.presenters.hdf5_rows import BASE_UNITS, WORDS, Bad, PlaceText, Role
from ptygui.gui.widgets.cards import flat_button, text_label

_HEADERS = ("", "", "where it is", "part", "×", "+", "", "")
_BAD: dict[Bad, str] = {"nonzero": "bad: not 0", "zero": "bad: 0"}
_WITH_FACTORS = ("x", "y", "energy", "distance", "detector_pixel")
_INVITATIONS: dict[Role, str] = {
    "energy": "a node, or a number: 8.3 keV",
    "distance": "a node, or a number: 2.1 m",
    "detector_pixel": "a node, or a number: 75 um",
    "mask": "a node, if there is one",
}


class KeyEdit(QLineEdit):
    """A line for a key; what is dropped on it takes the place of what was there."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt)
        """Take text (called by Qt)."""
        if event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt)
        """Become the text that is dropped (called by Qt)."""
        self.setText(event.mimeData().text())
        event.acceptProposedAction()
        self.editingFinished.emit()


class PlaceRow:
    """The controls of one role, laid into a row of a grid."""

    def __init__(self, role: Role, grid: QGridLayout, row: int) -> None:
        self.role = role
        self.take = flat_button("arrow-right-thin", f"Use the selected node as {WORDS[role]}")
        self.key, self.part = KeyEdit(), QLineEdit()
        self.multiplier, self.offset = QLineEdit(), QLineEdit()
        self.bad, self.unit, self.guessed = QComboBox(), text_label("", "muted"), QLabel()
        self._dress()
        for column, widget in enumerate(self._widgets(), 1):
            if widget is not None:
                grid.addWidget(widget, row, column)
        grid.addWidget(text_label(WORDS[role], "muted"), row, 0)

    def show(self, text: PlaceText) -> None:
        """Show a place."""
        for edit, words in self._texts(text):
            if edit.text() != words:
                edit.setText(words)
                edit.setCursorPosition(0)
        self.bad.setCurrentIndex(list(_BAD).index(text.bad))
        self.key.setToolTip(text.key or "Nothing is chosen")
        self.guessed.setText("guessed" if text.reason else "")
        self.guessed.setToolTip(text.reason)

    def text(self) -> PlaceText:
        """Return what is written."""
        return PlaceText(
            self.key.text(), self.part.text(), self.multiplier.text(), self.offset.text(),
            list(_BAD)[self.bad.currentIndex()],
        )  # fmt: skip

    def _texts(self, text: PlaceText) -> tuple[tuple[QLineEdit, str], ...]:
        return (
            (self.key, text.key), (self.part, text.part),
            (self.multiplier, text.multiplier), (self.offset, text.offset),
        )  # fmt: skip

    def _widgets(self) -> tuple[QWidget | None, ...]:
        has_factors = self.role in _WITH_FACTORS
        return (
            self.take,
            self.key,
            self.part,
            self.multiplier if has_factors else self.bad if self.role == "mask" else None,
            self.offset if has_factors else None,
            self.unit if has_factors else None,
            self.guessed,
        )

    def _dress(self) -> None:
        words = WORDS[self.role]
        self.bad.addItems(list(_BAD.values()))
        self.unit.setText(BASE_UNITS.get(self.role, ""))
        self.unit.setToolTip("What × and + lead to; without × the unit in the file counts")
        self.guessed.setProperty("level", "warning")
        self.key.setPlaceholderText(_INVITATIONS.get(self.role, "a node: select it and press the arrow"))
        self.part.setPlaceholderText("all")
        self.part.setToolTip("What is used of the array, as numpy writes it: 0, :, 10:200")
        self.multiplier.setPlaceholderText("unit")
        self.multiplier.setToolTip("Multiplied with the numbers; empty: the unit in the file counts")
        self.offset.setPlaceholderText("0")
        self.offset.setToolTip("Added after the multiplication")
        for edit, name in (
            (self.key, words),
            (self.part, f"{words}, part"),
            (self.multiplier, f"{words}, multiplier"),
            (self.offset, f"{words}, offset"),
            (self.bad, f"{words}, what is bad"),
        ):
            edit.setAccessibleName(name)


class PlaceRows(QWidget):
    """One row for each role."""

    edited = Signal(str, object)
    """(role, PlaceText) as the user wrote it."""
    take_wanted = Signal(str)
    """The selected node is meant for this role."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for column, words in enumerate(_HEADERS):
            grid.addWidget(text_label(words, "muted"), 0, column, Qt.AlignmentFlag.AlignLeft)
        for column, stretch in ((2, 6), (3, 2), (4, 2), (5, 2)):
            grid.setColumnStretch(column, stretch)
        self.rows: dict[Role, PlaceRow] = {
            role: PlaceRow(role, grid, index) for index, role in enumerate(WORDS, 1)
        }
        for row in self.rows.values():
            self._connect(row)

    def show_rows(self, texts: Mapping[Role, PlaceText]) -> None:
        """Show all rows."""
        for role, text in texts.items():
            self.rows[role].show(text)

    def _connect(self, row: PlaceRow) -> None:
        for edit in (row.key, row.part, row.multiplier, row.offset):
            edit.editingFinished.connect(lambda: self.edited.emit(row.role, row.text()))
        row.bad.activated.connect(lambda _: self.edited.emit(row.role, row.text()))
        row.take.clicked.connect(lambda: self.take_wanted.emit(row.role))
