"""The curves of a run as they grow: rows go in as they are read, arrays to draw come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.runs.layout import MetricRow

Floats = NDArray[np.float64]
Name = tuple[str, str]
"""(split, metric)."""
_FIRST_CAPACITY = 256


@dataclass(frozen=True)
class Series:
    """One curve, sorted by step; where a run went back to an earlier step, what it had beyond that is void.

    A run goes back when it is resumed from a checkpoint, and when it recovers from a breakdown.

    The three arrays are equally long, cannot be written to, and are never changed once handed out. A curve
    that did not grow is the same object as before.
    """

    step: Floats
    wall_s: Floats
    """Since the start of the run; NaN where a foreign log does not tell."""
    value: Floats
    """May hold NaN and infinities: what a training that breaks down has written."""


class History:
    """All curves of a run. Appending costs little however long they are (amortised)."""

    def __init__(self) -> None:
        self._columns: dict[Name, _Column] = {}

    def add(self, rows: Sequence[MetricRow]) -> None:
        """Append rows in the order in which they were written."""
        sorted_out: defaultdict[Name, list[float]] = defaultdict(list)
        for step, wall_s, split, metric, value in rows:
            sorted_out[split, metric] += (step, wall_s, value)
        for name, numbers in sorted_out.items():
            points = np.array(numbers, np.float64).reshape(-1, 3).T
            self._columns.setdefault(name, _Column()).append(points)

    def clear(self) -> None:
        """Forget everything: the log began anew."""
        self._columns.clear()

    def names(self) -> list[Name]:
        """List the curves, sorted."""
        return sorted(self._columns)

    def series(self, split: str, metric: str) -> Series:
        """Return a curve; an empty one if there is none of that name."""
        return self._columns.get((split, metric), _Column()).series()


class _Column:
    """The points of one curve: (step, wall_s, value) x points, in a buffer that doubles.

    What was handed out are views of the filled part, which is never written again: points that go back to an
    earlier step make a new buffer.
    """

    def __init__(self) -> None:
        self._buffer = np.empty((3, 0))
        self._length = 0
        self._series: Series | None = None

    def append(self, points: Floats) -> None:
        if not _grows(self._last_step(), points[0]):
            points = _valid(np.concatenate([self._buffer[:, : self._length], points], axis=1))
            self._buffer, self._length = np.empty((3, 0)), 0
        end = self._length + points.shape[1]
        self._reserve(end)
        self._buffer[:, self._length : end] = points
        self._length = end
        self._series = None

    def series(self) -> Series:
        if self._series is None:
            filled = self._buffer[:, : self._length].view()
            filled.flags.writeable = False
            self._series = Series(*filled)
        return self._series

    def _last_step(self) -> float:
        return float(self._buffer[0, self._length - 1]) if self._length else -np.inf

    def _reserve(self, length: int) -> None:
        if length > self._buffer.shape[1]:
            larger = np.empty((3, max(_FIRST_CAPACITY, 2 * length)))
            larger[:, : self._length] = self._buffer[:, : self._length]
            self._buffer = larger


def _grows(last: float, steps: Floats) -> bool:
    return bool(steps[0] > last and np.all(np.diff(steps) > 0))


def _valid(points: Floats) -> Floats:
    """Keep the points after which no step came that is as low or lower: the others were undone."""
    lowest_after = np.append(np.minimum.accumulate(points[0, ::-1])[::-1][1:], np.inf)
    return points[:, points[0] < lowest_after]
