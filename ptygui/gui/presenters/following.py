"""Noticing that the open scan's file has changed, and following it while it is being measured.

What is looked at are sizes and times, in a lane of its own: on a network they may take long, or hang.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.run_job import Job, Outcome
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_presenter import Opened, ScanPresenter
from ptygui.gui.presenters.watched import Watch, Watched, changed_words, following_words, silent_words
from ptygui.gui.widgets.numbers import SPACE, grouped

if TYPE_CHECKING:
    from ptygui.io.reach import Sight

LOOK_EVERY_S = 2.0
LOOK_SHARE = 10
"""A look that takes long is repeated after ten times as long."""
READ_EVERY_S = 10.0
"""A file that grows all the time is read so often; one that stands still at once."""
RETRY_S = 3.0
READ_SHARE = 3
PATIENCE_S = 300.0
"""Nothing was written for so long: following ends."""

_LANE = "watch"


class FollowView(Protocol):
    """The part of the scan card that tells of changes."""

    def show_watch(self, watch: Watch) -> None:
        """Show what has become of the file."""


class FollowingPresenter:
    """Decides what is said of a file that changes, when it is read again, and when reconstructed anew.

    Nothing is interrupted and nothing queues up: while something runs, the file is only looked at.

    Parameters
    ----------
    view, runner, backend, scan
        The card, and what is asked of others.
    is_idle : callable
        Whether nothing runs that needs the scan to stay as it is.
    start_again : callable
        Reconstructs the open scan as it was reconstructed last; tells whether that could be begun.
    on_change : callable
        Told when a reading came to nothing.
    note, complain : callable
        For the log, and for what went wrong.
    clock, now : callable
        Seconds, and the time of day.
    """

    def __init__(
        self,
        view: FollowView,
        runner: Runner,
        backend: Backend,
        scan: ScanPresenter,
        is_idle: Callable[[], bool],
        start_again: Callable[[], bool],
        on_change: Callable[[], None],
        note: Callable[[str], None],
        complain: Complain,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._view, self._runner, self._backend, self._scan = view, runner, backend, scan
        self._is_idle, self._start_again, self._on_change = is_idle, start_again, on_change
        self._note, self._complain, self._clock, self._now = note, complain, clock, now
        self.on = False
        """Whether the file is read again by itself."""
        self.repeats = False
        """Whether it is then reconstructed anew: the last run on this scan was a whole reconstruction."""
        self._watched: Watched | None = None
        self._ended = ""
        self._due = False
        """Whether a reconstruction is to start as soon as it can."""
        self._asked_s: float | None = None
        """Since when a look is under way."""
        self._next_look_s = -math.inf
        self._counting = self._reading = False
        self._read_s, self._pause_s = -math.inf, READ_EVERY_S
        self._shown: Watch | None = None

    def set_on(self, on: bool) -> None:
        """Begin to follow the scan at hand, or end it."""
        watched = self._watched
        if watched is not None and on != self.on:
            self.on, self._ended, self._due = on, "", False
            watched.moved_s, self._read_s = self._clock(), -math.inf
            self._note(f"{'Following' if on else 'No longer following'} {watched.opened.path}")
        self._shown = None  # a switch that was pressed in vain goes back
        self._show()

    def told(self) -> None:
        """Learn what became of the scan: another one, the same read again or prepared otherwise."""
        latest, before = self._scan.latest, self._watched
        if latest is None:
            self._leave(None)
        elif before is None or latest.path != before.opened.path or self._is_opened_anew(latest, before):
            self._leave(Watched(latest, self._now(), latest.sight, self._clock()))
        elif latest is not before.opened:
            self._take(latest, before)
        self._show()

    def ran(self, job: Job, outcome: Outcome) -> None:
        """Learn how a run ended: after one that was stopped, or a refinement, none starts by itself."""
        self.repeats = not job.refines and outcome is Outcome.DONE
        self._due = False

    def tick(self) -> None:
        """Look whether something changed, and do what is due; call it about once a second."""
        watched = self._watched
        if watched is not None:
            self._look(watched)
            if not self._scan.opening and self._is_idle():
                self._act(watched)
        self._show()

    def _act(self, watched: Watched) -> None:
        if self.on:
            self._follow(watched)
        elif watched.changed and not watched.gone:
            self._count(watched)

    def _is_opened_anew(self, latest: Opened, before: Watched) -> bool:
        return latest is not before.opened and self._scan.outcome == "opened"

    def _leave(self, watched: Watched | None) -> None:
        """Begin with another scan, or none."""
        self._watched, self.on, self.repeats, self._due, self._ended = watched, False, False, False, ""
        self._reading = False

    def _take(self, latest: Opened, before: Watched) -> None:
        """Go on with the same scan, read again or prepared otherwise."""
        if self._scan.outcome != "again":
            before.opened = latest
            before.sight = {name: before.sight.get(name, stamp) for name, stamp in latest.sight.items()}
            return
        self._watched = Watched(latest, self._now(), latest.sight, before.moved_s)
        if self._reading:
            self._rest(READ_EVERY_S)
        if self.on and self.repeats and latest.fingerprint != before.opened.fingerprint:
            self._due = True
        self._ended = ""

    def _rest(self, least_s: float) -> None:
        """Leave a pause after a reading."""
        self._reading = False
        self._pause_s = max(least_s, READ_SHARE * (self._clock() - self._read_s))

    # Looking.

    def _look(self, watched: Watched) -> None:
        if self._asked_s is not None or self._clock() < self._next_look_s:
            return
        self._asked_s = self._clock()
        opened = watched.opened
        work = partial(self._backend.look, opened.path, opened.reach)
        saw, failed = partial(self._saw, opened.reach), self._saw_not
        self._runner.call(_LANE, work, saw, failed, latest_only=False)

    def _saw(self, reach: object, sight: Sight) -> None:
        self._looked()
        watched = self._watched
        if watched is None or watched.opened.reach != reach:
            return
        watched.still = sight == watched.sight
        if not watched.still:
            watched.sight, watched.moved_s = sight, self._clock()

    def _saw_not(self, error: Exception) -> None:
        self._looked()
        self._complain(error)

    def _looked(self) -> None:
        assert self._asked_s is not None  # one look at a time
        took, self._asked_s = self._clock() - self._asked_s, None
        self._next_look_s = self._clock() + max(LOOK_EVERY_S, LOOK_SHARE * took)

    def _count(self, watched: Watched) -> None:
        """Have the patterns counted that there are now: once the file stands still, else now and then."""
        waited = watched.still or self._clock() - watched.tried_s >= READ_EVERY_S
        if self._counting or not waited or watched.tried == watched.sight:
            return
        self._counting, watched.tried, watched.tried_s = True, watched.sight, self._clock()
        opened = watched.opened
        work = partial(self._backend.patterns_now, opened.path, opened.preparation.mapping)
        counted, failed = partial(self._counted, watched), partial(self._not_counted, watched)
        self._runner.call(_LANE, work, counted, failed, latest_only=False)

    def _counted(self, watched: Watched, count: int | None) -> None:
        self._counting, watched.count, watched.trouble = False, count, ""

    def _not_counted(self, watched: Watched, error: Exception) -> None:
        """Believe it only of a file that stands still: in the midst of writing it means nothing."""
        self._counting, watched.count = False, None
        watched.trouble = str(error) if watched.still else ""
        if not watched.still:
            watched.tried = None

    # Following.

    def _follow(self, watched: Watched) -> None:
        if self._due and self._start_again():
            self._due = False
        elif watched.changed and not watched.gone and self._may_read(watched):
            self._read_s, self._reading = self._clock(), True
            watched.tried = watched.sight
            self._scan.follow(self._is_wanted, partial(self._not_read, watched))
        elif self._clock() - watched.moved_s > PATIENCE_S:
            self._end(watched)

    def _may_read(self, watched: Watched) -> bool:
        at_rest = watched.still and not watched.failed
        return at_rest or self._clock() - self._read_s >= self._pause_s

    def _is_wanted(self) -> bool:
        return self.on and self._is_idle()

    def _not_read(self, watched: Watched, error: Exception | None) -> None:
        watched.trouble = "" if error is None else str(error)
        self._rest(RETRY_S)
        self._on_change()
        self._show()

    def _end(self, watched: Watched) -> None:
        self.on = False
        self._ended = f"Following ended: nothing was written for {round(PATIENCE_S / 60)}{SPACE}min."
        count = grouped(watched.patterns)
        self._note(f"{self._ended} {watched.opened.path} has {count} patterns.")

    def _show(self) -> None:
        watch = Watch() if self._watched is None else self._watch(self._watched)
        if watch != self._shown:
            self._shown = watch
            self._view.show_watch(watch)

    def _watch(self, watched: Watched) -> Watch:
        waited_s = 0.0 if self._asked_s is None else self._clock() - self._asked_s
        silent = silent_words(watched, waited_s)
        if self.on:
            words = following_words(watched, self._clock(), self._is_idle(), self.repeats)
            return Watch(silent or words, watched.reason, following=True)
        can_read = watched.changed and not watched.gone and not silent
        return Watch(silent or changed_words(watched) or self._ended, watched.reason, can_read)
