"""Positions of APS' Velociprobe: a CSV of eight columns in nanometres, many rows for each trigger.

Columns, from 0 (Ptychodus, velociprobe_position_file.py): 1 x, 2 y by the laser interferometer, 5 y by the
encoder with the other sign, 7 number of the trigger. The rows of a trigger are averaged. x is measured along
a stage that turns with the sample, so it is foreshortened by cos(chi), which the patterns' file tells.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ptygui.core.errors import ScanError
from ptygui.io.positions.table import PositionTable
from ptygui.io.positions.text import Layout, complete_lines, is_row, numbers, read_text

WIDTH = 8
X, Y, Y_ENCODER, TRIGGER = 1, 2, 5, 7
_NAMES = ["0", "x", "y (interferometer)", "3", "4", "y (encoder, sign turned)", "6", "trigger"]
_LEAST_ROWS, _START_BYTES = 3, 8192


def sniff(start: bytes) -> bool:
    """Tell by rows of eight whole numbers, the last of which never falls and repeats."""
    rows = [row.split(b",") for row in start.splitlines()[:-1] if is_row(row.decode("ascii", "replace"))]
    if len(rows) < _LEAST_ROWS or any(len(row) != WIDTH for row in rows):
        return False
    try:
        cells = np.array([[int(cell) for cell in row] for row in rows], np.float64)
    except (ValueError, OverflowError):
        return False
    steps = np.diff(cells[:, TRIGGER])
    return bool((steps >= 0).all() and (steps == 0).any())


def is_one(path: Path) -> bool:
    """Tell whether a file is one, by its first rows; never raises."""
    try:
        with path.open("rb") as file:
            return sniff(file.read(_START_BYTES))
    except OSError:
        return False


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read and average over each trigger; raises ScanError if a row has not eight numbers."""
    values = numbers(complete_lines(read_text(path)), Layout(",", WIDTH), path.name)
    if not np.isfinite(values).all():
        raise ScanError(f"{path.name} must hold eight whole numbers a row, but some are none: copy it again.")
    _, group, count = np.unique(values[:, TRIGGER], return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), WIDTH))
    np.add.at(sums, group.reshape(-1), values)
    means = sums / count[:, None]
    means[:, Y_ENCODER] *= -1
    units = tuple("nm" if column in (X, Y, Y_ENCODER) else None for column in range(WIDTH))
    notes = (f"{len(values):,} measured positions were averaged over {len(means):,} triggers.",)
    return PositionTable("Velociprobe CSV", tuple(_NAMES), means, X, Y, units, tilted=True, notes=notes)  # type: ignore[arg-type]
