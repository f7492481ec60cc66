"""One of the many readers of a run directory: polls, never locks, and believes only its own clock.

Clocks of two machines differ and network file systems do not notify; so a run is alive if its beat
*changed* while this reader watched, however old its files look.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from ptygui.runs.layout import METRICS_HEADER, HealthEvent, RunError, RunInfo, RunPaths, Status
from ptygui.runs.records import read_info, read_status
from ptygui.runs.tail import Tail

PATIENCE_S = 30.0


class Health(StrEnum):
    """How a run is, as far as this reader can tell."""

    WAITING = "waiting"
    """Nothing has moved yet, but patience has not run out."""
    ALIVE = "alive"
    LOST = "lost"
    """Said to be running, but its beat stands still: killed, or cut off from its file system."""
    ENDED = "ended"
    """Done, stopped or failed by its own word."""
    GONE = "gone"
    """The directory is not there (any more)."""


class MetricRow(NamedTuple):
    """One value; after a resumed run steps may repeat: the later row counts."""

    step: int
    wall_s: float
    split: str
    metric: str
    value: float


@dataclass(frozen=True)
class RunUpdate:
    """What a poll found."""

    health: Health
    status: Status | None
    """The latest readable one; None before the first."""
    rows: list[MetricRow] = field(default_factory=list)
    """New rows of metrics.csv."""
    log_lines: list[str] = field(default_factory=list)
    """New lines of log.txt."""
    events: list[HealthEvent] = field(default_factory=list)
    """New events of health.jsonl."""
    previews: list[Path] = field(default_factory=list)
    """All previews, in the order of their steps."""
    restarted: bool = False
    """True if metrics.csv began anew: rows of earlier updates are void."""


class RunReader:
    """Follows one run directory; cheap enough to poll a few times a second.

    Parameters
    ----------
    directory : Path
        It need not exist yet.
    patience_s : float
        How long the beat may stand still before the run counts as lost.
    clock : callable
        Seconds, monotonic.
    """

    def __init__(
        self, directory: Path, *, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.paths = RunPaths(directory)
        self._patience_s = patience_s
        self._clock = clock
        self._status: Status | None = None
        self._metrics, self._log = Tail(self.paths.metrics), Tail(self.paths.log)
        self._events = Tail(self.paths.health)
        self._moved_s = clock()
        self._has_moved = False

    def info(self) -> RunInfo:
        """Read what was started; raises RunError if the directory holds no readable run."""
        return read_info(self.paths.root)

    def poll(self) -> RunUpdate:
        """Read what is new. Never raises: what is missing, half there or damaged comes with a later poll."""
        if not self.paths.root.is_dir():
            return RunUpdate(Health.GONE, self._status)
        self._poll_status()
        metrics = self._metrics.poll()
        return RunUpdate(
            health=self._health(),
            status=self._status,
            rows=[row for line in metrics.lines if (row := parse_row(line)) is not None],
            log_lines=self._log.poll().lines,
            events=[event for line in self._events.poll().lines if (event := parse_event(line)) is not None],
            previews=self.previews(),
            restarted=metrics.restarted,
        )

    def previews(self) -> list[Path]:
        """List the previews that are there, in the order of their steps."""
        return sorted(self.paths.previews.glob("step-*.npz"), key=lambda path: (len(path.name), path.name))

    def _poll_status(self) -> None:
        try:
            status = read_status(self.paths.root)
        except RunError:
            return
        if self._status is not None and status.beat != self._status.beat:
            self._has_moved = True
            self._moved_s = self._clock()
        self._status = status

    def _health(self) -> Health:
        if self._status is not None and self._status.state.ended:
            return Health.ENDED
        if self._clock() - self._moved_s > self._patience_s:
            return Health.LOST
        return Health.ALIVE if self._has_moved else Health.WAITING


def parse_row(line: str) -> MetricRow | None:
    """Read a line of metrics.csv; None for the header and for what a crash may have left."""
    if line == METRICS_HEADER:
        return None
    try:
        step, wall_s, split, metric, value = line.split(",")
        return MetricRow(int(step), float(wall_s), split, metric, float(value))
    except ValueError:
        return None


def parse_event(line: str) -> HealthEvent | None:
    """Read a line of health.jsonl; None for what a crash may have left."""
    try:
        return msgspec.json.decode(line, type=HealthEvent)
    except msgspec.DecodeError:
        return None


def find_runs(base: Path) -> list[Path]:
    """List the run directories directly below `base`, newest name first; none if `base` is not there."""
    return sorted((path.parent for path in base.glob("*/run.json")), reverse=True)
