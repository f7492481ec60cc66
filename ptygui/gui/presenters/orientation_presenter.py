"""Finding out how the frames lie to the positions: a job beside everything else, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from ptygui.core.events import Event, OrientationFound, Progress
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.prepare_screen import PrepareScreen
from ptygui.gui.presenters.reading_rows import FRAMES_WORDS, turns_words
from ptygui.gui.presenters.runner import JobHandle, Runner
from ptygui.gui.widgets.numbers import percent

BELIEVED = 0.6
"""Confidence from which what was found is taken over; it can be undone."""

Take = Callable[[int, int], None]
"""Told the orientation of frames and of positions."""


class OrientationPresenter:
    """Runs one search at a time; another scan, or the same one read otherwise, makes it void."""

    def __init__(
        self, view: PrepareScreen, runner: Runner, backend: Backend, take: Take, complain: Complain
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._take, self._complain = take, complain
        self._search: _Search | None = None
        self._awaited = False
        """Whether the scan is being read anew with what was found."""

    @property
    def searching(self) -> bool:
        """Whether a search is under way."""
        return self._search is not None

    def find(self, scan: Scan | None) -> None:
        """Search, or end the search that is under way."""
        if self._search is not None:
            self.stop()
        elif scan is not None:
            search = _Search(self._on_event, self._on_end)
            self._search = search
            self._view.show_orientation("Looking for the orientation…", True)
            search.handle = self._runner.start_job(
                "orientation", lambda _control: self._backend.find_orientation(scan), search
            )

    def stop(self, words: str = "") -> None:
        """End the search, if there is one; say `words` instead."""
        search, self._search = self._search, None
        if search is not None and search.handle is not None:
            search.void = True
            search.handle.cancel()
        self._view.show_orientation(words, False)

    def scan_changed(self) -> None:
        """Forget what was said of another scan, but not where the search itself made it so."""
        if self._awaited:
            self._awaited = False
        else:
            self.stop()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Progress):
            words = f"{event.stage}: {event.done} of {event.total}…"
            self._view.show_orientation(words, True)
        elif isinstance(event, OrientationFound):
            self._accept(event)

    def _accept(self, found: OrientationFound) -> None:
        self._search = None
        self._view.show_orientation(found_words(found), False)
        if found.changes and found.confidence >= BELIEVED:
            self._awaited = True
            self._take(found.frames_orientation, found.positions_orientation)

    def _on_end(self, error: Exception | None) -> None:
        if self._search is not None:
            self._search = None
            self._view.show_orientation("", False)
        if error is not None:
            self._complain(error)


class _Search:
    """The listener of one search; says nothing any more once it is void."""

    def __init__(self, on_event: Callable[[Event], None], on_end: Callable[[Exception | None], None]) -> None:
        self._tell, self._end = on_event, on_end
        self.handle: JobHandle | None = None
        self.void = False

    def on_event(self, event: Event) -> None:
        if not self.void:
            self._tell(event)

    def on_end(self, error: Exception | None, _cancelled: bool) -> None:
        if not self.void:
            self._end(error)


def found_words(found: OrientationFound) -> str:
    """Say what was found, how sure that is, and what cannot be told."""
    sure = percent(found.confidence)
    if found.confidence < BELIEVED:
        return f"No orientation explains the patterns clearly better ({sure} sure): nothing was changed."
    frames, positions = FRAMES_WORDS[found.frames_orientation], turns_words(found.positions_orientation)
    sign = "" if found.sign_confidence >= BELIEVED else " Whether both are turned by 180° cannot be told."
    if not found.changes:
        return f"The scan is read the right way round ({sure} sure).{sign}"
    return f"Found, {sure} sure: frames {frames}, positions {positions}.{sign}"
