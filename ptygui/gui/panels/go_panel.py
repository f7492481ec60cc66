"""The last card: go."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpinBox, QStackedLayout, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.presenters.run_presenter import RunState
from ptygui.gui.widgets.cards import Card, primary_button, secondary_button, text_label

_POLISH_TIP = (
    "Averaged projections after the network pass: on clean patterns a few of them cut the error by half, "
    "on noisy ones they bring the noise into the picture.\n"
    "auto: by the noise of the patterns; the log says how many were chosen and why. 0: the raw pass only.\n"
    "The raw picture is always kept beside the polished one."
)
_AUTO = -1


class GoPanel(Card):
    """Reconstruct, stop, cancel, export (presenters.run_presenter.RunView)."""

    start_requested = Signal()
    stop_requested = Signal()
    cancel_requested = Signal()
    export_requested = Signal()
    can_start_changed = Signal(bool)
    """Whether Reconstruct would do something."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.start_button = primary_button("Reconstruct", icon("play", "on_accent"))
        self.stop_button = secondary_button("Stop and keep", icon("stop"))
        self.cancel_button = secondary_button("Cancel", icon("close"))
        self.export_button = secondary_button("Export…", icon("export-variant"))
        self.polish = self._make_polish()
        self.hint = text_label("", "muted")
        self.hint.setWordWrap(True)
        self.export_button.setEnabled(False)
        self._buttons = self._stack_buttons()
        self._connect()
        self._arrange()

    def _make_polish(self) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(_AUTO, 100)
        spin.setSpecialValueText("auto")  # shown for the lowest value
        spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        spin.setToolTip(_POLISH_TIP)
        spin.setAccessibleName("Polish steps")
        return spin

    def _stack_buttons(self) -> QStackedLayout:
        """Put the buttons of a run in the place of Reconstruct, so that nothing jumps."""
        running = QWidget()
        row = QHBoxLayout(running)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for button in (self.stop_button, self.cancel_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            row.addWidget(button)
        stack = QStackedLayout()
        stack.addWidget(self.start_button)
        stack.addWidget(running)
        return stack

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start_requested)
        self.stop_button.clicked.connect(self.stop_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.export_button.clicked.connect(self.export_requested)
        self.stop_button.setToolTip("Finish early and keep the picture so far (Ctrl+.)")
        self.cancel_button.setToolTip("End the run and keep nothing of it (Esc)")
        self.export_button.setToolTip("Write the result to files (Ctrl+E)")

    def _arrange(self) -> None:
        row = QHBoxLayout()
        label = text_label("polish steps", "muted")
        label.setToolTip(_POLISH_TIP)
        row.addWidget(label, 1)
        row.addWidget(self.polish)
        self.body.addLayout(row)
        self.body.addLayout(self._buttons)
        self.add(self.export_button)
        self.add(self.hint)

    @property
    def polish_steps(self) -> int | None:
        """How many polish steps are asked for; None leaves it to the noise of the patterns."""
        steps = self.polish.value()
        return None if steps == _AUTO else steps

    @polish_steps.setter
    def polish_steps(self, steps: int | None) -> None:
        self.polish.setValue(_AUTO if steps is None else steps)

    def show_state(self, state: RunState, missing: str | None) -> None:
        """Enable what can be done now; `missing` says why a run cannot start."""
        idle = state is RunState.IDLE
        self._buttons.setCurrentIndex(0 if idle else 1)
        self.start_button.setEnabled(missing is None)
        self.can_start_changed.emit(idle and missing is None)
        self.start_button.setToolTip(missing or "Reconstruct the scan (Ctrl+R)")
        self.polish.setEnabled(idle)
        self.stop_button.setEnabled(state is RunState.RUNNING)
        self.cancel_button.setEnabled(state in (RunState.RUNNING, RunState.STOPPING))
        self.hint.setText(f"To begin: {missing}." if idle and missing else "")
        self.hint.setVisible(bool(self.hint.text()))
