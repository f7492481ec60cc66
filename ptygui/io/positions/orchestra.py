"""Positions of cSAXS' and APS 31-ID's orchestra: `scan_positions/scan_<number>.dat`.

Two header rows, a title and the names of the columns, then one point a row, separated by blanks. Positions
are the sample's in micrometres (PtychoShelves' loader turns their sign to get the probe's; Ptychodus'
reader of LYNX alike).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.positions.table import PositionTable, table_of
from ptygui.io.positions.text import Layout, complete_lines, numbers, read_text

X_NAMES, Y_NAMES = ("Average_x_st_fzp", "Average_x"), ("Average_y_st_fzp", "Average_y")
SAMPLE_MOTION = 3
"""Code of core.geometry that turns a sample's motion into the probe's."""
_FOLDERS = ("specES1/scan_positions", "scan_positions", "")
_PARENTS = 5


def sniff(start: bytes) -> bool:
    """Tell by the names in the second row."""
    rows = start.splitlines()
    return len(rows) > 1 and b"DataPoint" in rows[1] and b"_x" in rows[1]


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read the table; raises ScanError if rows and names do not fit."""
    names, values = named_rows(path)
    units = tuple("um" if _is_length(name) else None for name in names)
    told = {
        letter: names.index(name)
        for letter, wanted in (("x", X_NAMES), ("y", Y_NAMES))
        for name in reversed(wanted)
        if name in names
    }
    notes = ("Orchestra gives the sample's positions, so both signs are turned.",)
    return table_of(
        "orchestra .dat", names, values, units=units, orientation=SAMPLE_MOTION, notes=notes, **told
    )


def named_rows(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Read the names of the columns below the title, and the rows (n, columns) below them.

    Raises
    ------
    ScanError
        If rows and names do not fit, or there is no row yet.
    """
    lines = complete_lines(read_text(path))
    names = lines[1].split()
    values = numbers(lines[2:], Layout(None, len(names)), path.name, first_line=3)
    if len(values) == 0:
        raise ScanError(f"{path.name} has no positions yet: wait for the scan or choose another file.")
    return names, values


def find_beside(path: Path) -> Path | None:
    """Return the positions' file of a data file: by its scan number, in a folder beside or above.

    `.../eiger_4/S00000-00999/S00123/run_00123_000000000000.h5` belongs to
    `.../specES1/scan_positions/scan_00123.dat`.
    """
    number = re.search(r"(?:run_|scan_|^S)(\d{3,6})", path.name) or re.search(r"S(\d{5})", path.parent.name)
    if number is None:
        return None
    names = {f"scan_{int(number.group(1)):05d}.dat", f"scan_{number.group(1)}.dat"}
    for parent in list(path.absolute().parents)[:_PARENTS]:
        for candidate in (parent / folder / name for folder in _FOLDERS for name in sorted(names)):
            if candidate.is_file():
                return candidate
    return None


def _is_length(name: str) -> bool:
    return re.match(r"(Target|Average|Stdev)_[xy]", name) is not None
