"""Following a folder of TensorBoard event files, so that such runs can be watched beside ours."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from ptygui.runs.foreign import Growth, split_and_metric, split_of_folder
from ptygui.runs.layout import MetricRow
from ptygui.runs.pulse import Health
from ptygui.runs.reader import RunUpdate
from ptygui.runs.tail import GrowingFile, Piece
from ptygui.runs.tfevents import Scalar, read_scalars, whole_records

PREFIX = "events.out.tfevents."
_WHEN = re.compile(re.escape(PREFIX) + r"(\d+)")


class TensorBoardWatch:
    """Follows a folder that holds event files; a run that is resumed leaves several, read in their order.

    Times count from the first event; curves named without 'train' or 'val' belong to what the folder is
    named after.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._files: dict[Path, GrowingFile] = {}
        self._first_s: float | None = None
        self._growth = Growth(clock)

    def poll(self) -> RunUpdate:
        """Read what is new; never raises. If one file was cut or replaced, all are read anew."""
        if not self.path.is_dir():
            return RunUpdate(Health.GONE, None)
        pieces = self._poll_files()
        restarted = any(piece.restarted for piece in pieces)
        if restarted:
            for file in self._files.values():
                file.rewind()
            self._first_s = None
            pieces = self._poll_files()
        rows = [self._row(scalar) for piece in pieces for scalar in read_scalars(piece.data)]
        more = any(piece.more for piece in pieces)
        health = self._growth.health(grew=bool(rows), more=more)
        return RunUpdate(health, None, rows=rows, restarted=restarted, more=more)

    def _poll_files(self) -> list[Piece]:
        """Read the files in turn, up to the first that has more: the rows stay in their order."""
        pieces: list[Piece] = []
        for path in event_files(self.path):
            file = self._files.setdefault(path, GrowingFile(path, whole_records))
            pieces.append(file.poll())
            if pieces[-1].more:
                break
        return pieces

    def _row(self, scalar: Scalar) -> MetricRow:
        if self._first_s is None:
            self._first_s = scalar.wall_time_s
        split, metric = split_and_metric(scalar.tag, split_of_folder(self.path.name))
        return MetricRow(scalar.step, scalar.wall_time_s - self._first_s, split, metric, scalar.value)


def event_files(folder: Path) -> list[Path]:
    """List the event files of a folder, the oldest first by the time in their names; never raises OSError."""
    try:
        return sorted((path for path in folder.iterdir() if path.name.startswith(PREFIX)), key=_age_order)
    except OSError:
        return []


def _age_order(path: Path) -> tuple[int, str]:
    found = _WHEN.match(path.name)
    return (int(found[1]) if found else 0, path.name)
