"""Comparing two pictures of this session: before and after, or one way with another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ptygui.core.events import StageResult
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.evidence_words import resolution_words
from ptygui.gui.presenters.object_presenter import stage_words
from ptygui.gui.presenters.result_shelf import Kept
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.widgets.numbers import percent

if TYPE_CHECKING:
    from ptygui.gui.comparison import Comparison

_TOO_FEW = "There is nothing to compare yet: refine a picture, or reconstruct twice."


class CompareScreen(Protocol):
    """The Compare tab."""

    def show_candidates(self, names: Sequence[str], first: int | None, second: int | None) -> None:
        """Offer pictures, with two chosen."""

    def show_comparison(self, comparison: Comparison, words: str, note: str) -> None:
        """Show two pictures and their difference; `note` says what the display removed."""

    def show_nothing(self, why: str) -> None:
        """Show no pictures and say why."""


class ComparePresenter:
    """Decides which two pictures are compared, and does so only while somebody looks."""

    def __init__(self, view: CompareScreen, runner: Runner, backend: Backend) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._stages: list[StageResult] = []
        self._names: list[str] = []
        self._chosen: tuple[int, int] | None = None
        self._looks, self._is_due = False, False
        self._view.show_candidates((), None, None)
        self._view.show_nothing(_TOO_FEW)

    def offer(self, kept: Sequence[Kept]) -> None:
        """Offer the pictures of all results, and choose the last one and what it was made from."""
        found = {id(stage): (stage, entry) for entry in kept for stage in entry.result.stages}
        stages = [stage for stage, _ in found.values()]
        if [id(stage) for stage in stages] == [id(stage) for stage in self._stages]:
            return
        self._stages = stages
        self._names = [f"{stage_words(stage)} · {entry.title}" for stage, entry in found.values()]
        self._chosen = self._last_two(kept[-1])
        if self._chosen is None:
            self._view.show_candidates(self._names, None, None)
            return
        self._view.show_candidates(self._names, *self._chosen)
        self._compare_if_seen()

    def choose(self, first: int, second: int) -> None:
        """Compare two others."""
        self._chosen = first, second
        self._compare_if_seen()

    def look(self, looks: bool) -> None:
        """Learn whether somebody looks."""
        self._looks = looks
        if looks and self._is_due:
            self._compare_if_seen()

    def _last_two(self, newest: Kept) -> tuple[int, int] | None:
        """Return the last picture, and the one it was made from or else the one before it."""
        place = {id(stage): index for index, stage in enumerate(self._stages)}
        before = place.get(id(newest.start), len(self._stages) - 2)
        return None if before < 0 else (before, place[id(newest.result.best)])

    def _compare_if_seen(self) -> None:
        self._is_due = not self._looks
        if self._is_due or self._chosen is None:
            return
        first, second = (self._stages[index] for index in self._chosen)
        self._runner.call("compare", partial(self._backend.compare, first, second), self._show, self._refuse)

    def _show(self, comparison: Comparison) -> None:
        details = resolution_words(comparison.correlation)
        words = f"complex difference {percent(comparison.error, 1)} · {details}"
        ramp = ", and a phase ramp," if comparison.removes_ramp else ""
        note = f"B is shown in the gauge of A: one global phase and scale{ramp} removed."
        self._view.show_comparison(comparison, words, note)

    def _refuse(self, error: Exception) -> None:
        self._view.show_nothing(complaint_of(error).text)
