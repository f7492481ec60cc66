"""The line of the scan card that says that the file has changed, or how it is followed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.watched import Watch
from ptygui.gui.widgets.cards import WrappingLabel, secondary_button

_FOLLOW_TIP = (
    "Read the file again by itself while it is being measured.\n"
    "A scan that you have reconstructed is then reconstructed anew each time, when nothing else runs."
)


class WatchLine(QWidget):
    """A quiet sentence, a button and a switch (presenters.following.FollowView).

    Not to be seen while there is nothing to be said.
    """

    read_requested = Signal()
    follow_wanted = Signal(bool)
    following_shown = Signal(bool)
    """Whether the scan is followed, as often as it is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = WrappingLabel()
        self.sentence.setProperty("role", "muted")
        self.read_button = secondary_button("Read again", icon("refresh"))
        self.read_button.setToolTip("Read the file again and prepare it as before (F5)")
        self.read_button.clicked.connect(self.read_requested)
        self.follow_switch = QCheckBox("Follow")
        self.follow_switch.setToolTip(_FOLLOW_TIP)
        self.follow_switch.clicked.connect(self.follow_wanted)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.read_button)
        row.addWidget(self.follow_switch)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.sentence)
        column.addLayout(row)
        self.hide()

    def show_watch(self, watch: Watch) -> None:
        """Show what has become of the file."""
        self.sentence.setText(watch.sentence)
        self.sentence.setToolTip(watch.reason)
        self.read_button.setVisible(watch.can_read)
        self.follow_switch.setChecked(watch.following)
        self.setVisible(bool(watch.sentence))
        self.following_shown.emit(watch.following)

    def allow_reading(self, allowed: bool) -> None:
        """Allow or forbid reading again by hand."""
        self.read_button.setEnabled(allowed)
