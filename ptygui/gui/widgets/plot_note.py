"""A small note over a plot: what is under the cursor, on the side where the cursor is not."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

_MARGIN, _WIDEST = 6, 300


class PlotNote(QLabel):
    """Rich text that never stands in the way of the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setContentsMargins(8, 4, 8, 4)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_words(self, words: str, cursor_x: float, within: QRect) -> None:
        """Show words at the top of `within`, left or right of the cursor; no words: no note."""
        self.setVisible(bool(words))
        if not words:
            return
        self.setWordWrap(False)
        self.setText(words)
        widest = min(_WIDEST, within.width() - 2 * _MARGIN)
        if self.sizeHint().width() > widest:
            self.setWordWrap(True)
            self.resize(widest, self.heightForWidth(widest))
        else:
            self.resize(self.sizeHint())
        is_right = cursor_x < within.center().x()
        x = within.right() - self.width() - _MARGIN if is_right else within.left() + _MARGIN
        self.move(x, within.top() + _MARGIN)
