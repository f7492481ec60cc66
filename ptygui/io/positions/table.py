"""A table of positions as its file holds it, and which of its columns are x and y.

Names tell it: two columns form a pair if exchanging one x for a y in the name of the first gives that of the
second (samx and samy, Average_x_st_fzp and Average_y_st_fzp). What was measured is preferred to what was
asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.reading import METRES, PositionColumns, StoredUnit
from ptygui.io.units import stored_unit

_SWAPS = (("x", "y"), ("horizontal", "vertical"), ("col", "row"), ("fast", "slow"))
_MEASURED = re.compile(r"aver|mean|read|actual|meas|encoder|interf|rbv", re.IGNORECASE)
_UNWANTED = re.compile(r"target|set|demand|nominal", re.IGNORECASE)
_NO_POSITION = re.compile(r"std|stdev|err|sigma|diff", re.IGNORECASE)
_UNIT = re.compile(r"(?:^|[\W_])(m|mm|um|µm|μm|nm|px|pixels?|microns?|metres?|meters?)\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class PositionTable:
    """The columns of a file of positions, all of them, and what is guessed of them.

    Attributes
    ----------
    format : str
        What kind of file it is, for the user.
    names : tuple of str
        Of the columns; made up where the file has none.
    values : (n, columns) float64
        As stored; NaN where a cell holds no number.
    x, y : int
        The columns, from 0, that are likely meant.
    units : tuple of StoredUnit or None
        Of each column, where the file or its format tells.
    orientation : int or None
        Code of core.geometry that brings (y, x) to the canonical form, where the format fixes it.
    tilted : bool
        True if x was measured along a stage turned by the rotation of the sample (chi).
    notes : tuple of str
        Sentences worth showing.
    """

    format: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    x: int
    y: int
    units: tuple[StoredUnit | None, ...]
    orientation: int | None = None
    tilted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def unit(self) -> StoredUnit | None:
        """The unit of x and y as guessed, if it is told."""
        return self.units[self.x] or self.units[self.y]

    def head(self, rows: int = 20) -> NDArray[np.float64]:
        """Return the first rows, (<= rows, columns)."""
        return self.values[:rows]

    def chosen(self, columns: PositionColumns) -> tuple[int, int]:
        """Return the columns (x, y) that are meant; raises ScanError if there are none such."""
        x = self.x if columns.x is None else columns.x
        y = self.y if columns.y is None else columns.y
        for column in (x, y):
            self._check(column)
        return x, y

    def positions(self, x: int, y: int) -> tuple[NDArray[np.float64], StoredUnit | None]:
        """Return (y, x) of each point, (n, 2) float64, and their unit: that of x, if both tell one."""
        unit, other = self.units[x] or self.units[y], self.units[y] or self.units[x]
        rows, cols = self.values[:, y], self.values[:, x]
        if unit is not None and other is not None and unit != other and "px" not in (unit, other):
            rows = rows * (METRES[other] / METRES[unit])
        return np.stack([rows, cols], axis=1), unit

    def _check(self, column: int) -> None:
        if column >= len(self.names):
            raise ScanError(
                f"The table of positions has {len(self.names)} columns, so none of number {column + 1}: "
                f"choose among {', '.join(map(_quoted, self.names))}."
            )
        if not np.isfinite(self.values[:, column]).all():
            raise ScanError(
                f"The column {_quoted(self.names[column])} of the positions does not hold a number in every "
                "row: choose another one."
            )


def table_of(format_name: str, names: list[str], values: NDArray[np.float64], **told: Any) -> PositionTable:
    """Return a table whose x, y and units are guessed by its names, unless they are told."""
    guess = dict(zip(("x", "y"), guess_columns(names, values), strict=True))
    guess["units"] = tuple(unit_of_name(name) for name in names)  # type: ignore[assignment]
    return PositionTable(format_name, tuple(names), values, **(guess | told))


def guess_columns(names: list[str], values: NDArray[np.float64]) -> tuple[int, int]:
    """Return the columns that are likely x and y.

    By their names; else the first two, without a column that only counts the points.
    """
    pairs = sorted(_pairs(names), key=lambda pair: (_demerits(names[pair[0]]), pair))
    if pairs:
        return pairs[0]
    first = 1 if len(names) > 2 and _counts(values[:, 0]) else 0
    return first, min(first + 1, len(names) - 1)


def has_pair(names: list[str]) -> bool:
    """Tell whether two of the names belong to the coordinates of one place."""
    return bool(_pairs(names))


def unit_of(text: str) -> StoredUnit | None:
    """Return the unit that a word stands for, if it is one of those that a reading knows."""
    unit, factor = stored_unit(text.strip().lower())
    return unit if factor == 1 else None


def unit_of_name(name: str) -> StoredUnit | None:
    """Return the unit at the end of a column's name: 'x (um)', 'y_m'."""
    found = _UNIT.search(name)
    return unit_of(found.group(1)) if found else None


def _quoted(name: str) -> str:
    """Return a name as it is shown within a sentence."""
    return " ".join(name.replace(".", " ").split())[:60] or "?"


def _pairs(names: list[str]) -> list[tuple[int, int]]:
    where = {name.lower(): index for index, name in reversed(list(enumerate(names)))}
    pairs = []
    for index, name in enumerate(name.lower() for name in names):
        others = {name[: at.start()] + b + name[at.end() :] for a, b in _SWAPS for at in re.finditer(a, name)}
        pairs += [(index, where[other]) for other in others if other in where]
    return [pair for pair in pairs if not _NO_POSITION.search(names[pair[0]])]


def _demerits(name: str) -> int:
    """Return how little a name looks like that of a measured position."""
    return (0 if _MEASURED.search(name) else 1) + (2 if _UNWANTED.search(name) else 0)


def _counts(column: NDArray[np.float64]) -> bool:
    return len(column) > 1 and bool(np.isfinite(column).all()) and bool((np.diff(column) == 1).all())
