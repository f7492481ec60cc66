"""The control of one line of a form, whatever its kind: shows a text and says which text is wanted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)
from superqt import QElidingLabel

from ptygui.gui.presenters.entry import Entry
from ptygui.gui.widgets.cards import flat_button, text_label

_TURNS = ((4, "swap x y", "Swap x and y"), (1, "−x", "Negate x"), (2, "−y", "Negate y"))


class EntryBox(QWidget):
    """Made for an `Entry`; speaks only when the user decided: not while he types."""

    decided = Signal(str)
    elsewhere_wanted = Signal()
    """The dialog is wanted in which it is chosen."""

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._shown = ""
        self.edit: QLineEdit | None = None
        self.combo: QComboBox | None = None
        self.check: QCheckBox | None = None
        self.turns: dict[int, QToolButton] = {}
        self.name: QElidingLabel | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self._make()

    def show_text(self, text: str) -> None:
        """Show a value; what the user is typing stays."""
        if self.edit is not None and self.edit.isModified():
            return
        self._shown = text
        if self.edit is not None:
            self.edit.setText(text)
        elif self.combo is not None:
            with QSignalBlocker(self.combo):
                self.combo.setCurrentIndex(self.combo.findData(text))
                self.combo.setToolTip(self.combo.currentText())
        elif self.name is not None:
            self.name.setText(text)
            self.name.setToolTip(text)
        elif self.check is not None:
            with QSignalBlocker(self.check):
                self.check.setChecked(bool(text))
        for bit, button in self.turns.items():
            button.setChecked(bool(int(text or 0) & bit))

    @property
    def text(self) -> str:
        """What is there now."""
        if self.edit is not None:
            return self.edit.text()
        if self.combo is not None:
            return str(self.combo.currentData() or "")
        if self.name is not None:
            return str(self.name.text())
        if self.check is not None:
            return "yes" if self.check.isChecked() else ""
        return str(sum(bit for bit, button in self.turns.items() if button.isChecked()))

    def _make(self) -> None:
        entry = self.entry
        if entry.kind == "choice":
            self.combo = _combo(entry)
            self.combo.activated.connect(lambda _: self._decide())
            self._row.addWidget(self.combo, 1)
        elif entry.kind == "switch":
            self.check = QCheckBox()
            self.check.setAccessibleName(entry.label)
            self.check.toggled.connect(lambda _: self._decide())
            self._row.addWidget(self.check, 1)
        elif entry.kind == "turns":
            self._make_turns()
        elif entry.kind == "elsewhere":
            self._make_name()
        else:
            self._make_edit()

    def _make_turns(self) -> None:
        for bit, words, tip in _TURNS:
            button = QToolButton()
            button.setText(words)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            button.clicked.connect(lambda _on: self._decide())
            self.turns[bit] = button
            self._row.addWidget(button)
        self._row.addStretch(1)

    def _make_name(self) -> None:
        self.name = QElidingLabel()
        self.name.setAccessibleName(self.entry.label)
        self.browse = flat_button("folder-open-outline", "Choose a file")
        self.browse.clicked.connect(self.elsewhere_wanted)
        self._row.addWidget(self.name, 1)
        self._row.addWidget(self.browse)

    def _make_edit(self) -> None:
        entry = self.entry
        self.edit = QLineEdit()
        self.edit.setMinimumWidth(40)
        self.edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.edit.setPlaceholderText(entry.example and f"e.g. {entry.example}")
        self.edit.setAccessibleName(entry.label)
        self.edit.setToolTip(entry.tip)
        self.edit.editingFinished.connect(self._finish_typing)
        self._row.addWidget(self.edit, 1)
        if entry.unit:
            unit = text_label(entry.unit, "muted")
            unit.setMinimumWidth(28)
            self._row.addWidget(unit)
        if entry.kind == "path":
            self.browse = flat_button("folder-open-outline", "Choose the file")
            self.browse.clicked.connect(self._browse)
            self._row.addWidget(self.browse)

    def _finish_typing(self) -> None:
        if self.edit is not None and self.edit.isModified():
            self.edit.setModified(False)
            self._decide()

    def _decide(self) -> None:
        if self.text != self._shown:
            self._shown = self.text
            self.decided.emit(self.text)

    def _browse(self) -> None:
        assert self.edit is not None  # made with it
        folder = str(Path(self.edit.text()).parent) if self.edit.text() else str(Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self, self.entry.label, folder)
        if chosen:
            self.edit.setText(chosen)
            self._decide()


def _combo(entry: Entry) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(entry.label)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(5)
    for value, words in entry.choices:
        combo.addItem(words, value)
    combo.setCurrentIndex(-1)
    combo.setPlaceholderText("choose")
    return combo
