"""What a crash left: it is offered, opened or discarded, as the user says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.runner import Runner
from ptygui.jobs.recovery import Leftover


class RecoveryView(Protocol):
    """The question above the picture."""

    def show_leftover(self, words: str) -> None:
        """Offer what was kept of a refinement."""

    def hide_leftover(self) -> None:
        """Offer nothing."""


class RecoveryPresenter:
    """Offers one after the other, the newest first; nothing is deleted unasked."""

    def __init__(
        self,
        view: RecoveryView,
        runner: Runner,
        backend: Backend,
        open_result: Callable[[Path, str], None],
        complain: Complain,
        clock: Callable[[], datetime],
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._open_result, self._complain, self._clock = open_result, complain, clock
        self._left: list[Leftover] = []

    def look(self) -> None:
        """Look for what was left."""
        self._runner.call("recovery", self._backend.left_behind, self._offer, self._complain)

    def open(self) -> None:
        """Open the one that is offered; its file stays."""
        chosen = self._next()
        self._open_result(chosen.path, f"{chosen.scan_name}, cut off {self._when(chosen)}")

    def discard(self) -> None:
        """Delete the one that is offered."""
        work = partial(self._backend.forget, self._next().path)
        self._runner.call("recovery", work, lambda _: None, self._complain, latest_only=False)

    def _offer(self, left: Sequence[Leftover]) -> None:
        self._left = list(left)
        self._show()

    def _next(self) -> Leftover:
        chosen = self._left.pop()
        self._show()
        return chosen

    def _show(self) -> None:
        if not self._left:
            self._view.hide_leftover()
            return
        newest, older = self._left[-1], len(self._left) - 1
        cut_off = f"A refinement of {newest.scan_name} was cut off {self._when(newest)}"
        words = f"{cut_off}; what it had reached was kept."
        if older:
            words += " So was 1 older one." if older == 1 else f" So were {older} older ones."
        self._view.show_leftover(words)

    def _when(self, leftover: Leftover) -> str:
        at = leftover.kept_at
        return f"at {at:%H:%M}" if at.date() == self._clock().date() else f"on {at:%Y-%m-%d} at {at:%H:%M}"
