"""The line under a view: what is under the cursor, what the picture is, what the display did to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from superqt import QElidingLabel

from ptygui.gui.widgets.cards import text_label


class QuietLine(QWidget):
    """Readout on the left, caption in the middle, note on the right."""

    readout_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._one_at_a_time = False
        self.readout, self.note = text_label("", "muted"), text_label("", "muted")
        self.caption = QElidingLabel()
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.caption.setElideMode(Qt.TextElideMode.ElideLeft)  # figures at the end matter more than a name
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 6)
        row.setSpacing(16)
        for label in (self.readout, self.caption, self.note):
            row.addWidget(label, 1)  # equal shares: the caption does not move with the readout

    def set_caption(self, text: str) -> None:
        """Say what the picture is; what does not fit is in the tooltip."""
        self.caption.setText(text)
        self.caption.setToolTip(text)

    def widen_caption(self) -> None:
        """Give the caption all the room that the readout leaves; there is no note then."""
        self.note.hide()
        for label, share in ((self.readout, 0), (self.caption, 1), (self.note, 0)):
            self._row.setStretchFactor(label, share)

    def replace_note(self) -> None:
        """Let the readout take the place of the note while there is one, and never ask for more width."""
        self._one_at_a_time = True
        self.caption.hide()
        for label in (self.readout, self.note):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, label.sizePolicy().verticalPolicy())
        self._show_note()

    def _show_note(self) -> None:
        if self._one_at_a_time:
            self.note.setVisible(not self.readout.text())
            self.readout.setVisible(bool(self.readout.text()))

    def add(self, widget: QWidget) -> None:
        """Put a control at the right end."""
        self._row.addWidget(widget)

    def set_readout(self, text: str) -> None:
        """Show what is under the cursor, and say so if it is something else than before."""
        if text != self.readout.text():
            self.readout.setText(text)
            self._show_note()
            self.readout_changed.emit(text)


def stack_tightly(view: QWidget, *parts: QWidget) -> None:
    """Put parts below each other without gaps; the first one gets all the room that is left."""
    column = QVBoxLayout(view)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part, int(part is parts[0]))
