"""What acts: Reconstruct, or in its place what can be done to a run."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.run_job import RunState
from ptygui.gui.widgets.cards import primary_button, secondary_button

_HOLDABLE = (RunState.RUNNING, RunState.PAUSED)


class RunButtons(QStackedWidget):
    """The buttons of a run stand in the place of Reconstruct, so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = primary_button("Reconstruct", icon("play", "on_accent"))
        self.stop = secondary_button("Stop and keep")
        self.pause = secondary_button("Pause")
        self.cancel = secondary_button("Cancel")
        self.stop.setToolTip("Finish early and keep the picture so far (Ctrl+.)")
        self.cancel.setToolTip("End the run and keep nothing of it (Esc)")
        running = QWidget()
        row = QHBoxLayout(running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.stop, self.pause, self.cancel):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            row.addWidget(button)
        self.addWidget(self.start)
        self.addWidget(running)

    def show_state(self, state: RunState, can_pause: bool) -> None:
        """Show what can be done now."""
        self.setCurrentIndex(0 if state is RunState.IDLE else 1)
        self.stop.setEnabled(state in _HOLDABLE)
        self.cancel.setEnabled(state is not RunState.CANCELLING)
        self.pause.setVisible(can_pause)
        self.pause.setEnabled(state in _HOLDABLE)
        held = state is RunState.PAUSED
        self.pause.setText("Go on" if held else "Pause")
        tip = "Continue where it was held" if held else "Hold the run; nothing is lost"
        self.pause.setToolTip(f"{tip} (Ctrl+P)")
