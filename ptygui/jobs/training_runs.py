"""Finding and following runs, and acting on them: what the window and the command line show of trainings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ptygui.jobs.catalogue import runs_folder
from ptygui.jobs.run_actions import (
    bin_run,
    rename_run,
    resume_training,
    start_training,
    stop_training,
)
from ptygui.jobs.run_summary import STUDIES, Condition, OwnRun, RunSummary
from ptygui.runs.history import History, Series
from ptygui.runs.layout import HealthEvent
from ptygui.runs.pulse import Health
from ptygui.runs.reader import find_runs
from ptygui.runs.watch import Kind, Watch, find_watchable, kind_of, nothing_to_watch, watch_of

__all__ = [
    "Condition",
    "RunCurves",
    "RunSummary",
    "RunsWatch",
    "WatchUpdate",
    "bin_run",
    "rename_run",
    "resume_training",
    "start_training",
    "stop_training",
]

SEARCH_S = 3.0
"""How often watched directories are searched; the own folder is at every poll."""
CATCH_UP_S = 1.0
"""How long a poll may go on reading what was there before; the rest comes with the next."""
_BREATH_S = 0.004
"""Between two pieces of a long file: whoever waits for the interpreter, as the window does, has it then."""
_REMEMBERED = 8
"""So many runs that are no longer followed keep their curves, for whoever looks again."""


@dataclass(frozen=True)
class RunCurves:
    """What is drawn of a run that is followed."""

    path: Path
    name: str
    series: Mapping[tuple[str, str], Series]
    """By (split, metric); a curve that did not grow is the same object as before."""
    events: tuple[HealthEvent, ...]
    previews: tuple[Path, ...]
    """In the order of their steps."""


@dataclass(frozen=True)
class WatchUpdate:
    """What a poll found."""

    runs: tuple[RunSummary, ...]
    """The newest first; a run that is followed stays in the list when its directory is gone."""
    followed: tuple[RunCurves, ...]
    """Of those asked for, in the order asked."""


class RunsWatch:
    """Lists runs and follows the curves of some; used from one thread only.

    Parameters
    ----------
    folder : Path or None
        The folder of runs, with its studies; None: `catalogue.runs_folder()`.
    extra : sequence of Path
        Other directories to watch; one that is not there (yet) is looked for again and again.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self,
        folder: Path | None = None,
        extra: Sequence[Path] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = runs_folder() if folder is None else folder
        self._clock = clock
        self._own: dict[Path, OwnRun] = {}
        self._searches = {path: _Search(path, clock) for path in extra}
        self._followers: dict[Path, _Follower] = {}

    def watch(self, path: Path) -> None:
        """Watch another directory: a run, a folder of runs, or the logs of another program.

        Raises
        ------
        RunError
            If there is nothing in it that can be watched.
        """
        folder = path if path.is_dir() or not path.exists() else path.parent
        search = _Search(folder, self._clock)
        if not search.found():
            raise nothing_to_watch(path)
        self._searches[folder] = search

    def forget(self, path: Path) -> None:
        """No longer watch a directory; harmless if it was not watched."""
        self._searches.pop(path, None)

    def poll(self, followed: Sequence[Path]) -> WatchUpdate:
        """Look; what has vanished or is damaged comes with a later poll.

        Parameters
        ----------
        followed : sequence of Path
            The directories of the runs whose curves are wanted.
        """
        kinds = self._kinds(followed)
        self._forget_old_followers(followed)
        deadline_s = self._clock() + CATCH_UP_S
        for path in followed:
            self._follow(path, kinds.get(path)).catch_up(deadline_s)
        runs = self._summaries(kinds)
        names = {run.path: run.name for run in runs}
        return WatchUpdate(
            tuple(runs), tuple(self._followers[path].curves(names.get(path, path.name)) for path in followed)
        )

    def _kinds(self, followed: Sequence[Path]) -> dict[Path, Kind]:
        """Find what there is; what is followed counts although it is gone."""
        kinds: dict[Path, Kind] = dict.fromkeys(_runs_in(self._folder), "run")
        for search in self._searches.values():
            kinds.update(search.found())
        for path in followed:
            if path not in kinds:
                known = self._followers.get(path)
                kind = known.kind if known else kind_of(path)
                kinds[path] = kind or "run"
        return kinds

    def _follow(self, path: Path, kind: Kind | None) -> _Follower:
        """Return who follows a run; as the last of all, since it was just asked for."""
        follower = self._followers.pop(path, None)
        if follower is None or (kind is not None and follower.kind != kind):
            follower = _Follower(path, kind or "run", self._clock)
        self._followers[path] = follower
        return follower

    def _forget_old_followers(self, followed: Sequence[Path]) -> None:
        idle = [path for path in self._followers if path not in followed]
        for path in idle[: max(0, len(idle) - _REMEMBERED)]:
            del self._followers[path]

    def _summaries(self, kinds: Mapping[Path, Kind]) -> list[RunSummary]:
        now = datetime.now().astimezone()
        self._own = {path: run for path, run in self._own.items() if path in kinds}
        runs = [self._summary(path, kind, now) for path, kind in kinds.items()]
        oldest = datetime.min.replace(tzinfo=now.tzinfo)
        return sorted(runs, key=lambda run: (run.started or oldest, run.path.name), reverse=True)

    def _summary(self, path: Path, kind: Kind, now: datetime) -> RunSummary:
        if kind == "run":
            return self._own.setdefault(path, OwnRun(path, self._clock)).summary(now)
        return _foreign_summary(path, kind, self._followers.get(path), now)


@dataclass
class _Follower:
    """Keeps the curves of one run up to date."""

    path: Path
    kind: Kind
    clock: Callable[[], float]
    health: Health = Health.WAITING
    history: History = field(default_factory=History)
    events: tuple[HealthEvent, ...] = ()
    previews: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        self._watch: Watch = watch_of(self.path, self.kind)

    def catch_up(self, deadline_s: float) -> None:
        """Read what is new: once, and on until there is no more or it is late."""
        while self._poll() and self.clock() < deadline_s:
            time.sleep(_BREATH_S)

    def curves(self, name: str) -> RunCurves:
        series = {key: self.history.series(*key) for key in self.history.names()}
        return RunCurves(self.path, name, series, self.events, self.previews)

    def _poll(self) -> bool:
        """Read a piece; True if there is more. What is known stays when the directory is gone."""
        update = self._watch.poll()
        self.health = update.health
        if update.health is Health.GONE:
            return False
        if update.restarted:
            self.history.clear()
        self.history.add(update.rows)
        self.events = (() if update.events_restarted else self.events) + tuple(update.events)
        self.previews = tuple(update.previews)
        return update.more


class _Search:
    """Searches a directory for what can be watched, now and then."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock
        self._found: dict[Path, Kind] = {}
        self._searched_s: float | None = None

    def found(self) -> dict[Path, Kind]:
        """Return what was found; it stays known while the whole directory is out of reach."""
        if self._searched_s is None or self._clock() - self._searched_s >= SEARCH_S:
            if self._folder.is_dir():
                self._found = dict(find_watchable(self._folder))
            self._searched_s = self._clock()
        return self._found


def _runs_in(folder: Path) -> Iterator[Path]:
    """Yield the runs of the own folder, and those of its studies."""
    yield from find_runs(folder)
    for study in sorted((folder / STUDIES).glob("*/")):
        yield from find_runs(study)


def _foreign_summary(path: Path, kind: Kind, follower: _Follower | None, now: datetime) -> RunSummary:
    """Tell what is known of a run of another program: its name, its age, the best validation loss read."""
    started = _first_change(path)
    best, best_of = _best_loss(follower.history) if follower else (None, "")
    grows = follower is not None and follower.health is Health.ALIVE
    program = "Lightning" if kind == "lightning" else "TensorBoard"
    return RunSummary(
        path=path,
        name=f"{path.parent.parent.name}/{path.name}" if path.parent.name == "lightning_logs" else path.name,
        generator="",
        condition="watched" if path.is_dir() else "gone",
        progress=None,
        message=f"A log of {program}{', which grows' if grows else ''}.",
        log_tail=(),
        started=started,
        age_s=None if started is None else max(0.0, (now - started).total_seconds()),
        best=best,
        best_of=best_of,
        bundle=None,
        scan=None,
        own=False,
    )


def _best_loss(history: History) -> tuple[float | None, str]:
    """Return the lowest validation loss and what it is called."""
    names = [metric for split, metric in history.names() if split == "val" and "loss" in metric.lower()]
    if not names:
        return None, ""
    name = min(names, key=len)
    finite = [value for value in history.series("val", name).value.tolist() if value == value]
    return (min(finite), f"validation {name}") if finite else (None, "")


def _first_change(path: Path) -> datetime | None:
    """Tell about when a foreign run began: by the oldest file in its directory."""
    try:
        times = [file.stat().st_mtime for file in path.iterdir()]
    except OSError:
        return None
    return datetime.fromtimestamp(min(times)).astimezone() if times else None
