"""A line of the list of runs: how a run is, in a word and a sentence; a few cheap looks at small files."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from ptygui.runs.layout import HealthEvent, RunError, RunInfo, RunPaths, RunState, Status
from ptygui.runs.logs import last_lines
from ptygui.runs.pulse import Health, Pulse
from ptygui.runs.reader import parse_event
from ptygui.runs.records import read_info

Condition = Literal[
    "starting", "running", "stopping", "done", "stopped", "failed", "lost", "waiting", "gone", "watched"
]
"""'watched' is a run of another program, of which only the curves are known; 'gone' its directory is."""

STUDIES = "studies"
STUDY_FILE = "study.toml"
RESIDUAL = "canvas residual R1"
_QUIET_S = 20.0
"""A run that is known to live is said to be quiet after so long without a beat."""
_LARGEST_HEADER = 64 << 20

T = TypeVar("T")


@dataclass(frozen=True)
class RunSummary:
    """A line of the list of runs."""

    path: Path
    name: str
    """What people call it."""
    generator: str
    """Architecture; empty for a foreign run."""
    condition: Condition
    progress: float | None
    """0..1; None while it is not known."""
    message: str
    """One sentence for people."""
    log_tail: tuple[str, ...]
    """Last lines of log.txt, at most 12: why a run failed."""
    started: datetime | None
    """With its time zone."""
    age_s: float | None
    """Since the start, by this machine's clock."""
    best: float | None
    """Lowest value so far; a foreign run's is known only once it was followed."""
    best_of: str
    """Of what: 'canvas residual R1', 'validation loss'; empty if there is no best."""
    bundle: Path | None
    """The trained generator: the best so far of a run that still trains."""
    scan: Path | None
    """The measured scan it trains on."""
    study: str = ""
    """The study it belongs to."""
    ailment: str = ""
    """What has ailed it last and for good (runs.layout.Ailment); empty if nothing has."""
    own: bool = True
    """False: foreign, can only be looked at."""


class OwnRun:
    """What is known of one of our runs; a look reads only what has changed since the last."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.paths = RunPaths(path)
        self._pulse = Pulse(path, clock=clock)
        self._info = Cached(self.paths.info, _info)
        self._log = Cached(self.paths.log, last_lines)
        self._ailment = Cached(self.paths.health, _last_ailment)
        self._study = study_of(path)
        self._best = Cached(self.paths.checkpoints / "last.safetensors", best_of_checkpoint)

    def summary(self, now: datetime) -> RunSummary:
        """Look; never raises."""
        health = self._pulse.poll()
        status, info = self._pulse.status, self._info.get()
        tail = self._log.get() or ()
        condition = condition_of(health, status)
        if condition == "running" and self.paths.stop.exists():
            condition = "stopping"
        best = self._best_value(status)
        started = _time(info)
        return RunSummary(
            path=self.paths.root,
            name=info.name if info else self.paths.root.name,
            generator=info.generator if info else "",
            condition=condition,
            progress=status.progress if status else None,
            message=self._message(condition, status, tail),
            log_tail=tail,
            started=started,
            age_s=None if started is None else max(0.0, (now - started).total_seconds()),
            best=best,
            best_of="" if best is None else RESIDUAL,
            bundle=self.paths.bundle if os.path.exists(self.paths.bundle) else None,  # noqa: PTH110 quick
            scan=_scan(info),
            study=self._study,
            ailment=self._ailment.get() or "",
        )

    def _best_value(self, status: Status | None) -> float | None:
        """Return the best residual; older runs have it in their checkpoint only."""
        if status is not None and status.best is not None:
            return status.best
        return self._best.get()

    def _message(self, condition: Condition, status: Status | None, tail: tuple[str, ...]) -> str:
        said = status.message if status else ""
        if condition == "failed" and (status is None or not status.state.ended):
            return tail[-1] if tail else "It ended before it began, and left no word."
        if condition == "lost":
            return self._loss(status)
        if condition in ("running", "stopping") and self._pulse.silence_s > _QUIET_S:
            return f"{said} (no sign for {self._pulse.silence_s:.0f} s)".strip()
        return said

    def _loss(self, status: Status | None) -> str:
        step = f" after step {status.step}" if status and status.step else ""
        if self._pulse.lives is False and status is not None:
            return f"Its process ({status.pid}) ended without a word{step}; it can be resumed."
        return f"No sign of life for {self._pulse.silence_s:.0f} s{step}."


def condition_of(health: Health, status: Status | None) -> Condition:
    """Put into a word how a run is.

    One whose process is gone before its first beat has failed to start; its log says why.
    """
    if health is Health.GONE:
        return "gone"
    if health is Health.LOST:
        never_began = status is not None and status.beat == 0 and status.pid is not None
        return "failed" if never_began else "lost"
    if status is None:
        return "waiting"
    if health is Health.WAITING and status.state is not RunState.STARTING:
        return "waiting"
    return status.state.value


def study_of(path: Path) -> str:
    """Return the study that a run directory lies in, wherever that was written; empty if in none."""
    folder = path.parent
    return folder.name if folder.parent.name == STUDIES or (folder / STUDY_FILE).exists() else ""


def best_of_checkpoint(path: Path) -> float | None:
    """Read the best residual from the header of a checkpoint (train.checkpoint); None if it holds none."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header: Any = json.loads(file.read(min(length, _LARGEST_HEADER)))
        best = json.loads(header["__metadata__"]["ptygui.counters"])["best"]
        return None if best is None else float(best)
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Cached(Generic[T]):
    """What was read from a file, until the file changes."""

    def __init__(self, path: Path, read: Callable[[Path], T | None]) -> None:
        self._path = os.fspath(path)
        self._read = read
        self._version: tuple[int, int, int] | None = None
        self._value: T | None = None

    def get(self) -> T | None:
        """Return the value; None if the file is not there."""
        try:
            facts = os.stat(self._path)  # noqa: PTH116  # for hundreds of files twice a second pathlib is slow
        except OSError:
            self._version = self._value = None
            return None
        version = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
        if version != self._version:
            self._value, self._version = self._read(Path(self._path)), version
        return self._value


def _info(path: Path) -> RunInfo | None:
    try:
        return read_info(path.parent)
    except RunError:
        return None


def _last_ailment(path: Path) -> str | None:
    events = (parse_event(line) for line in reversed(last_lines(path)))
    return next((event.ailment for event in events if event is not None and _lasts(event)), None)


def _lasts(event: HealthEvent) -> bool:
    """Whether a run is worse for it ever after: not for a spike, nor for a block that it learns around."""
    return (event.breakdown and not event.action) or event.ailment in ("flat", "diverging", "over-fitting")


def _time(info: RunInfo | None) -> datetime | None:
    try:
        return None if info is None else datetime.fromisoformat(info.started).astimezone()
    except ValueError:
        return None


def _scan(info: RunInfo | None) -> Path | None:
    """Return the measured scan among what the run was made from."""
    for parent in info.parents if info else ():
        if not re.search(r"\.safetensors$", parent):
            return Path(parent)
    return None
