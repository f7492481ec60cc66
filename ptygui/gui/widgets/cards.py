"""The pieces of the numbered path down the left side: cards, facts, status sentences, buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptygui.gui.icons import icon

StatusLevel = Literal["ok", "warning", "error", "info"]
Fact = tuple[str, str, str, bool]
"""(label, value, tooltip, whether it deserves a look)."""


class Card(QFrame):
    """A titled surface: '1  SCAN' above what `add` puts on it."""

    def __init__(self, title: str = "", number: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 10, 12, 12)
        self.body.setSpacing(8)
        self._head = QHBoxLayout()
        if title:
            prefix = f"{number}\u2002" if number is not None else ""
            self._head.addWidget(text_label(f"{prefix}{title.upper()}", "title"), 1)
            self.body.addLayout(self._head)

    def add_to_head(self, widget: QWidget) -> None:
        """Put a widget at the right end of the title's row."""
        self._head.addWidget(widget)

    def add(self, widget: QWidget) -> None:
        """Put a widget below the others."""
        self.body.addWidget(widget)

    def add_row(self, *widgets: QWidget) -> None:
        """Put widgets beside each other, equally wide."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in widgets:
            row.addWidget(widget, 1)
        self.body.addLayout(row)


class FactRows(QWidget):
    """What is known: labels on the left, values on the right, guesses marked as such."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)

    def set_rows(self, rows: Iterable[Fact]) -> None:
        """Show these facts instead of the former ones; each is (label, value, tooltip, deserves a look)."""
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for fact in rows:
            self._column.addWidget(_fact_row(*fact))


def _fact_row(label: str, value: str, tooltip: str, notable: bool) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    shown = WrappingLabel(value)
    shown.setProperty("level", "warning" if notable else None)
    shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    row.addWidget(text_label(label, "muted"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(shown, 1)
    holder.setToolTip(tooltip)
    return holder


class WrappingLabel(QLabel):
    """Plain, selectable text that wraps and always gets the height that it needs.

    A QLabel tells layouts its height for a width, but nested layouts lose it and cut the last lines.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        policy = self.sizePolicy()
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def setText(self, text: str) -> None:  # noqa: N802 (Qt)
        """Set the text, and the height with it."""
        super().setText(text)
        self._claim_height()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt)
        """Claim the height that the new width asks for."""
        super().resizeEvent(event)
        self._claim_height()

    def _claim_height(self) -> None:
        self.setMinimumHeight(0)  # or heightForWidth would never answer less
        self.setFixedHeight(max(self.heightForWidth(self.width()), 0))


class StatusSentence(QWidget):
    """A coloured dot and a sentence that wraps and is never cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._dot = QLabel("●")
        self._text = WrappingLabel()
        row.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1, Qt.AlignmentFlag.AlignTop)
        self.set("info", "")

    def set(self, level: StatusLevel, text: str, tooltip: str = "") -> None:
        """Show a sentence; an empty one hides the widget."""
        for label in (self._dot, self._text):
            set_look(label, "level", level)
        self._text.setText(text)
        self.setToolTip(tooltip)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()


def text_label(text: str = "", role: str | None = None) -> QLabel:
    """Make a label; `role` is None, 'title', 'heading' or 'muted'."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role is not None:
        label.setProperty("role", role)
    return label


def primary_button(text: str, icon: QIcon | None = None) -> QPushButton:
    """Make the one button of a place that acts; its icon should have the role 'on_accent'."""
    button = secondary_button(text, icon)
    button.setProperty("role", "primary")
    return button


def secondary_button(text: str, icon: QIcon | None = None) -> QPushButton:
    """Make a quiet button."""
    button = QPushButton(text)
    if icon is not None:
        button.setIcon(icon)
    return button


def flat_button(icon_name: str, tip: str) -> QToolButton:
    """Make a button without a frame that shows an icon only; its tooltip is its name, too."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(18, 18))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def action_buttons(actions: Iterable[QAction]) -> QWidget:
    """Make a row of flat icon buttons for actions, e.g. for the corner of a tab bar."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 4, 0)
    row.setSpacing(2)
    holder.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    for action in actions:
        button = QToolButton()
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setDefaultAction(action)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)  # of those with a menu
        row.addWidget(button)
    return holder


def set_look(widget: QWidget, name: str, value: str | None) -> None:
    """Change a property that the stylesheet looks at, and repaint accordingly."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
