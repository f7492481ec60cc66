"""The form of one step of a preparation."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ptygui.gui.presenters.prepare_screen import StepForm
from ptygui.gui.widgets.cards import StatusSentence, text_label
from ptygui.gui.widgets.entry_box import EntryBox


class StepDialog(QDialog):
    """Stays open, and says what is wrong, until what was typed makes sense."""

    def __init__(self, form: StepForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(form.title)
        self.setMinimumWidth(420)
        self._form = form
        self.boxes = {entry.name: EntryBox(entry) for entry, _ in form.lines}
        self.problem = StatusSentence()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = QPushButton("Use")
        self.use_button.setProperty("role", "primary")
        self.use_button.setDefault(True)
        self.buttons.addButton(self.use_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.use_button.clicked.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        self._arrange()

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (entry, text) in enumerate(self._form.lines):
            box = self.boxes[entry.name]
            box.show_text(text)
            label = text_label(entry.label, "muted")
            label.setToolTip(entry.tip)
            box.setToolTip(entry.tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(12)
        column.addLayout(grid)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addWidget(self.buttons)

    @Slot()
    def _use(self) -> None:
        problem = self._form.accept({name: box.text for name, box in self.boxes.items()})
        self.problem.set("error", problem)
        if not problem:
            self.accept()
