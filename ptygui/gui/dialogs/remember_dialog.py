"""How a scan is prepared, remembered for the next files of its kind; and what is remembered so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.presenters.remember_presenter import Level, RememberPresenter, RememberView
from ptygui.gui.widgets.cards import (
    StatusSentence,
    WrappingLabel,
    primary_button,
    secondary_button,
    text_label,
)

_WIDTH = 520
_LONGEST_NAME = 120
_LIST_HEIGHT = 96


class RememberDialog(QDialog):
    """Fulfils presenters.remember_presenter.RememberView."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Remember for this beamline")
        self.resize(_WIDTH, 0)
        self._presenter: RememberPresenter | None = None
        self.kind, self.kept, self.left = WrappingLabel(), WrappingLabel(), WrappingLabel()
        self.name, self.state, self.faults = QLineEdit(), StatusSentence(), StatusSentence()
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.setAccessibleName("Name")
        self.list, self.forget_button = QListWidget(), secondary_button("Forget")
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Remembered so far")
        self.remember_button = primary_button("Remember")
        self.remember_button.setDefault(True)
        self.forget_button.setAutoDefault(False)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.addButton(self.remember_button, QDialogButtonBox.ButtonRole.ActionRole)
        self._arrange()
        self.buttons.rejected.connect(self.reject)
        self.list.currentRowChanged.connect(lambda row: self.forget_button.setEnabled(row >= 0))

    def present(self, make: Callable[[RememberView], RememberPresenter | None]) -> bool:
        """Let a presenter decide; False if there is nothing to decide about."""
        presenter = self._presenter = make(self)
        if presenter is None:
            return False
        self.name.textEdited.connect(presenter.rename)
        self.remember_button.clicked.connect(presenter.remember)
        self.forget_button.clicked.connect(self._forget)
        self.finished.connect(presenter.close)
        return True

    # What the presenter shows.

    def show_parts(self, kind: str, kept: Sequence[str], left: Sequence[str]) -> None:
        """Say for which files what is kept, and what is not because it is of one scan."""
        self.kind.setText(
            f"{kind} will open as this scan is prepared now, in the window and on the command line."
        )
        for heading, label, lines in ((self._kept, self.kept, kept), (self._left, self.left, left)):
            label.setText("\n".join(f"•  {line}" for line in lines))
            heading.setVisible(bool(lines))
            label.setVisible(bool(lines))

    def show_name(self, name: str) -> None:
        """Propose a name."""
        self.name.setText(name)
        self.name.selectAll()

    def show_remembered(self, rows: Sequence[str], faults: str) -> None:
        """List what is remembered, and say what is wrong with other files."""
        self.list.clear()
        self.list.addItems(list(rows))
        self.forget_button.setEnabled(False)
        for widget in (self._so_far, self.list, self.forget_button):
            widget.setVisible(bool(rows))
        self.faults.set("warning", faults)

    def show_state(self, level: Level, words: str) -> None:
        """Say what would be replaced, or why it is impossible."""
        self.state.set(level, words)

    def allow_remember(self, allowed: bool, button: str) -> None:
        """Enable the button that does it, and say what it does."""
        self.remember_button.setEnabled(allowed)
        self.remember_button.setText(button)

    def leave(self) -> None:
        """Close."""
        self.accept()

    @Slot()
    def _forget(self) -> None:
        if self._presenter is not None:
            self._presenter.forget(self.list.currentRow())

    def _arrange(self) -> None:
        self._kept = text_label("KEPT", "title")
        self._left = text_label("NOT KEPT: OF THIS SCAN ONLY", "title")
        self._so_far = text_label("REMEMBERED SO FAR", "title")
        named = QHBoxLayout()
        named.setSpacing(12)
        named.addWidget(text_label("name", "muted"))
        named.addWidget(self.name, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.kind)
        column.addLayout(named)
        for widget in (self._kept, self.kept, self._left, self.left, self.state):
            column.addWidget(widget)
        column.addStretch(1)
        so_far = QHBoxLayout()
        so_far.addWidget(self._so_far, 1)
        so_far.addWidget(self.forget_button)
        column.addLayout(so_far)
        column.addWidget(self.list)
        column.addWidget(self.faults)
        column.addWidget(self.buttons)
        self.show_remembered((), "")
