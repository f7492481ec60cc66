"""Following the metrics.csv of Lightning's CSVLogger, so that its runs can be watched beside ours.

It is wide: a header of column names, `step` and `epoch` among them, then one line a call of `log`, empty
where nothing was logged (https://lightning.ai/docs/pytorch/stable/extensions/generated/
lightning.pytorch.loggers.CSVLogger.html). When a new name appears Lightning writes the whole file anew,
which a tail notices like any replaced file. It holds no times.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from pathlib import Path

from ptygui.runs.foreign import Growth, splits_and_metrics
from ptygui.runs.layout import MetricRow
from ptygui.runs.pulse import Health
from ptygui.runs.reader import RunUpdate
from ptygui.runs.tail import Tail

NAME = "metrics.csv"
_STEP = "step"
_NO_METRICS = (_STEP, "epoch")


class LightningWatch:
    """Follows a folder that holds Lightning's metrics.csv."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._tail = Tail(path / NAME)
        self._table = WideTable()
        self._growth = Growth(clock)

    def poll(self) -> RunUpdate:
        """Read what is new; never raises. `wall_s` of the rows is NaN."""
        if not self.path.is_dir():
            return RunUpdate(Health.GONE, None)
        lines = self._tail.poll()
        if lines.restarted:
            self._table = WideTable()
        rows = self._table.read(lines.lines)
        health = self._growth.health(grew=bool(rows), more=lines.more)
        return RunUpdate(health, None, rows=rows, restarted=lines.restarted, more=lines.more)


class WideTable:
    """Turns lines of a wide table into rows; the first line is the header."""

    def __init__(self) -> None:
        self._header: list[str] = []
        self._columns: list[tuple[int, str, str]] = []
        self._step_column: int | None = None
        self._lines = 0

    def read(self, lines: list[str]) -> list[MetricRow]:
        """Return the rows; what is damaged is left out."""
        rows: list[MetricRow] = []
        for cells in csv.reader(lines):
            if not self._header or self._is_header(cells):
                self._begin(cells)
            elif len(cells) == len(self._header):
                rows += self._rows(cells)
        return rows

    def _begin(self, header: list[str]) -> None:
        """Understand a header; without a `step` column the lines are counted."""
        self._header = header
        parted = splits_and_metrics(name for name in header if name and name not in _NO_METRICS)
        self._columns = [(i, *parted[name]) for i, name in enumerate(header) if name in parted]
        self._step_column = header.index(_STEP) if _STEP in header else None

    def _is_header(self, cells: list[str]) -> bool:
        """Tell whether a line is a header again, as where two files were put together."""
        column = 0 if self._step_column is None else self._step_column
        return column < len(cells) and cells[column] != "" and cells[column] == self._header[column]

    def _rows(self, cells: list[str]) -> list[MetricRow]:
        number, self._lines = self._lines, self._lines + 1
        try:
            step = number if self._step_column is None else int(float(cells[self._step_column]))
        except (ValueError, OverflowError):
            return []
        rows = []
        for index, split, metric in self._columns:
            if (cell := cells[index]) and (value := _number(cell)) is not None:
                rows.append(MetricRow(step, math.nan, split, metric, value))
        return rows


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
