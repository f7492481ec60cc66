"""How fast a job goes, and when it is time for another preview."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ptygui.core.events import Progress

PREVIEW_PIXELS = 512
PREVIEW_INTERVAL_S = 0.2


@dataclass
class Pace:
    """Turns a count of patterns into Progress events with rate and time left."""

    stage: str
    total: int
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.perf_counter() - self.started

    def progress(self, done: int) -> Progress:
        """Progress with the mean rate so far."""
        rate = done / self.seconds if done and self.seconds > 0 else None
        remaining = (self.total - done) / rate if rate else None
        return Progress(self.stage, done, self.total, rate_per_s=rate, remaining_s=remaining)


@dataclass
class Meter:
    """Counts what several parts of a job have done together."""

    pace: Pace
    done: int = 0

    def progress(self, more: int = 0) -> Progress:
        """Count some more; never beyond the total, which may be an estimate."""
        self.done = min(self.done + more, self.pace.total)
        return self.pace.progress(self.done)


@dataclass
class PreviewClock:
    """Lets a preview pass at most every `interval_s`; the first one at once."""

    interval_s: float = PREVIEW_INTERVAL_S
    last: float = float("-inf")

    def due(self) -> bool:
        """Tell whether it is time, without taking the turn."""
        return time.perf_counter() - self.last >= self.interval_s

    def shown(self) -> None:
        """Start the interval; called after the preview was made, so that making it counts as well."""
        self.last = time.perf_counter()


def preview_stride(shape: tuple[int, int]) -> int:
    """Step that brings the longer side to at most PREVIEW_PIXELS."""
    return max(1, -(-max(shape) // PREVIEW_PIXELS))
