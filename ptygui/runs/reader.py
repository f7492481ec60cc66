"""One of the many readers of a run directory: polls and never locks; `pulse` says what it believes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ptygui.runs.layout import METRICS_HEADER, HealthEvent, MetricRow, RunInfo, RunPaths, Status
from ptygui.runs.pulse import PATIENCE_S, Health, Pulse
from ptygui.runs.records import read_info
from ptygui.runs.tail import Tail

__all__ = [
    "Health", "MetricRow", "RunReader", "RunUpdate", "find_runs", "parse_event", "parse_row", "parse_rows",
]  # fmt: skip


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
    events_restarted: bool = False
    """True if health.jsonl began anew: events of earlier updates are void."""
    more: bool = False
    """True if there were more rows than are read at once: poll again at once."""


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
        self._pulse = Pulse(directory, patience_s=patience_s, clock=clock)
        self._metrics, self._log = Tail(self.paths.metrics), Tail(self.paths.log)
        self._events = Tail(self.paths.health)

    @property
    def path(self) -> Path:
        """The directory."""
        return self.paths.root

    def info(self) -> RunInfo:
        """Read what was started; raises RunError if the directory holds no readable run."""
        return read_info(self.paths.root)

    def poll(self) -> RunUpdate:
        """Read what is new. Never raises: what is missing, half there or damaged comes with a later poll."""
        health = self._pulse.poll()
        if health is Health.GONE:
            return RunUpdate(Health.GONE, self._pulse.status)
        metrics, events = self._metrics.poll(), self._events.poll()
        return RunUpdate(
            health=health,
            status=self._pulse.status,
            rows=parse_rows(metrics.lines),
            log_lines=self._log.poll().lines,
            events=[event for line in events.lines if (event := parse_event(line)) is not None],
            previews=self.previews(),
            restarted=metrics.restarted,
            events_restarted=events.restarted,
            more=metrics.more,
        )

    def previews(self) -> list[Path]:
        """List the previews that are there, in the order of their steps."""
        return sorted(self.paths.previews.glob("step-*.npz"), key=lambda path: (len(path.name), path.name))


def parse_rows(lines: Iterable[str]) -> list[MetricRow]:
    """Read the lines of metrics.csv that are rows; half a second for 200,000."""
    return [row for line in lines if (row := parse_row(line)) is not None]


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
