"""How good the picture on the screen is: what speaks for it, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ptygui.core.events import StageResult
from ptygui.core.judgement import Judgement
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.evidence_words import missing_words
from ptygui.gui.presenters.runner import Runner

if TYPE_CHECKING:
    from ptygui.core.frc import RingCorrelation


class EvidenceScreen(Protocol):
    """The tab 'How good?'."""

    def show_judgements(self, judgements: Sequence[Judgement], missing: str) -> None:
        """List what speaks for and against the picture; `missing` says what is not known of it."""

    def show_half_scan(self, correlation: RingCorrelation | None) -> None:
        """Show how far into the details two halves of the scan agree, where that is known."""


class EvidencePresenter:
    """Judges the picture on the screen off the main thread."""

    def __init__(self, view: EvidenceScreen, runner: Runner, backend: Backend, complain: Complain) -> None:
        self._view, self._runner, self._backend, self._complain = view, runner, backend, complain
        self._stage: StageResult | None = None

    def show(self, stage: StageResult | None) -> None:
        """Judge another picture; None where there is none."""
        self._stage = stage
        if stage is None:
            self._view.show_judgements((), "There is no picture to judge yet.")
            self._view.show_half_scan(None)
            return
        self._view.show_half_scan(None if stage.evidence is None else stage.evidence.half_scan)
        self._view.show_judgements((), "Judging…")
        judge, answer, fail = self._backend.judge, self._answer, self._fail
        self._runner.call("judge", partial(judge, stage), partial(answer, stage), partial(fail, stage))

    def _answer(self, stage: StageResult, judgements: Sequence[Judgement]) -> None:
        if stage is self._stage:
            self._view.show_judgements(judgements, missing_words(stage))

    def _fail(self, stage: StageResult, error: Exception) -> None:
        if stage is self._stage:
            why = str(error) or type(error).__name__
            self._view.show_judgements((), f"This picture could not be judged: {why}")
        self._complain(error)
