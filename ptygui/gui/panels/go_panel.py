"""The last card: go."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from ptygui.gui.icons import icon
from ptygui.gui.panels.refine_row import RefineRow
from ptygui.gui.panels.run_buttons import RunButtons
from ptygui.gui.presenters.run_job import Missing, RunState
from ptygui.gui.widgets.cards import Card, secondary_button, text_label

_POLISH_TIP = (
    "Averaged projections after the network pass: on clean patterns a few of them cut the error by half, "
    "on noisy ones they bring the noise into the picture.\n"
    "auto: by the noise of the patterns; the log says how many were chosen and why. 0: the raw pass only.\n"
    "The raw picture is always kept beside the polished one."
)
_AUTO = -1


class GoPanel(Card):
    """Reconstruct, refine, hold, stop, cancel, export (presenters.run_presenter.RunView)."""

    start_requested = Signal()
    refine_requested = Signal()
    pause_requested = Signal()
    stop_requested = Signal()
    cancel_requested = Signal()
    export_requested = Signal()
    can_start_changed = Signal(bool)
    """Whether Reconstruct would do something."""
    can_refine_changed = Signal(bool)
    """Whether Refine would do something."""
    pause_changed = Signal(str, bool)
    """What a pause would do, in a word, and whether it can."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.buttons, self.refine_row = RunButtons(), RefineRow()
        self.start_button, self.stop_button = self.buttons.start, self.buttons.stop
        self.pause_button, self.cancel_button = self.buttons.pause, self.buttons.cancel
        self.refine_button = secondary_button("Refine", icon("auto-fix"))
        self.export_button = secondary_button("Export…", icon("export-variant"))
        self.polish = self._make_polish()
        self.hint = text_label("", "muted")
        self.hint.setWordWrap(True)
        self.export_button.setEnabled(False)
        self._refine_words = ""
        self._refine_missing: str | None = None
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

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start_requested)
        self.refine_button.clicked.connect(self.refine_requested)
        self.pause_button.clicked.connect(self.pause_requested)
        self.stop_button.clicked.connect(self.stop_requested)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.export_button.clicked.connect(self.export_requested)
        self.export_button.setToolTip("Write the result to files (Ctrl+E)")
        self.refine_row.words_changed.connect(self._take_refine_words)

    def _arrange(self) -> None:
        self.body.setSpacing(6)
        row = QHBoxLayout()
        label = text_label("polish steps", "muted")
        label.setToolTip(_POLISH_TIP)
        row.addWidget(label, 1)
        row.addWidget(self.polish)
        self.body.addLayout(row)
        self.add(self.buttons)
        self.add_row(self.refine_button, self.export_button)
        self.add(self.refine_row)
        self.add(self.hint)

    @property
    def polish_steps(self) -> int | None:
        """How many polish steps are asked for; None leaves it to the noise of the patterns."""
        steps = self.polish.value()
        return None if steps == _AUTO else steps

    @polish_steps.setter
    def polish_steps(self, steps: int | None) -> None:
        self.polish.setValue(_AUTO if steps is None else steps)

    def show_state(self, state: RunState, missing: Missing, can_pause: bool) -> None:
        """Enable what can be done now; `missing` says why a run cannot start."""
        idle = state is RunState.IDLE
        self.buttons.show_state(state, can_pause)
        self.pause_changed.emit(self.pause_button.text(), can_pause and self.pause_button.isEnabled())
        self.start_button.setEnabled(missing.reconstruct is None)
        self.can_start_changed.emit(idle and missing.reconstruct is None)
        self.start_button.setToolTip(missing.reconstruct or "Reconstruct the scan (Ctrl+R)")
        self.refine_button.setEnabled(idle and missing.refine is None)
        self.can_refine_changed.emit(self.refine_button.isEnabled())
        self.polish.setEnabled(idle)
        self.refine_row.setEnabled(idle)
        self.hint.setText(_hint(missing) if idle else "")
        self.hint.setVisible(bool(self.hint.text()))
        self._refine_missing = missing.refine
        self._tell_refine()

    def _take_refine_words(self, words: str) -> None:
        self._refine_words = words
        self._tell_refine()

    def _tell_refine(self) -> None:
        self.refine_button.setToolTip(self._refine_missing or self._refine_words)


def _hint(missing: Missing) -> str:
    if not missing.reconstruct:
        return ""
    return f"To {'begin' if missing.refine else 'reconstruct'}: {missing.reconstruct}."
