"""Tables in text files: their lines, their delimiter, their header, their numbers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError

MAX_TEXT_BYTES = 512 << 20
_SAMPLE, _HEADER = 20, 3
"""Rows that are looked at, and how many of them may be a header."""
_DELIMITERS = (",", ";", "\t", None)
"""None: any white space."""
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


class Layout(NamedTuple):
    """How the rows of a table are written."""

    delimiter: str | None
    width: int
    """Number of columns."""
    decimal_comma: bool = False

    def split(self, line: str) -> list[str]:
        """Return the cells of a row."""
        if self.decimal_comma:
            line = _DECIMAL_COMMA.sub(".", line)
        return [cell.strip().strip("\"'") for cell in line.strip().split(self.delimiter)]


def read_text(path: Path) -> str:
    """Read a text file whole.

    Raises
    ------
    ScanError
        If it cannot be read, is no text, or too large for a table of positions.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_TEXT_BYTES else b""
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path}: choose where the positions are.") from error
    except OSError as error:
        raise ScanError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if size > MAX_TEXT_BYTES:
        raise ScanError(f"{path.name} has {size / 1e9:.1f} GB: too large for a table of positions.")
    if b"\0" in content[:4096]:
        raise ScanError(f"{path.name} is no text, so it has no table of positions that ptygui reads.")
    return content.decode("utf-8-sig", "replace")


def complete_lines(text: str) -> list[str]:
    """Return the lines; the last one only if it ended, because the file may still be written.

    A single line without an end is kept, and so is a last one that has all the cells of the one before.
    """
    lines = text.splitlines()
    whole = not text or text[-1] in "\r\n" or len(lines) < 3
    if not whole and len(re.split(r"[,;\s]+", lines[-1].strip())) != len(
        re.split(r"[,;\s]+", lines[-2].strip())
    ):
        lines.pop()
    return lines


def find_layout(lines: list[str]) -> Layout | None:
    """Return how the rows are written, judged by the last ones; None if there is no table of two columns."""
    rows = [line for line in lines[-4 * _SAMPLE :] if is_row(line)][-_SAMPLE:]
    for first in range(_HEADER + 1):  # a short table's header is among its last rows
        for decimal_comma in (False, True):
            layouts = [_layout(rows[first:], delimiter, decimal_comma) for delimiter in _DELIMITERS]
            found = [layout for layout in layouts if layout is not None]
            if found:
                return max(found, key=lambda layout: layout.width)
    return None


def is_row(line: str) -> bool:
    """Tell whether a line is neither empty nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith(("#", "%", "//", "!"))


def numbers(lines: list[str], layout: Layout, name: str, first_line: int = 1) -> NDArray[np.float64]:
    """Return the numbers of a table, (n, width) float64; NaN where a cell holds none.

    Parameters
    ----------
    lines : list of str
        Rows, empty lines and comments.
    layout : Layout
    name : str
        The file's, for messages.
    first_line : int
        Number of the first of the lines, for messages.

    Raises
    ------
    ScanError
        If a row has another number of columns.
    """
    rows = [line.replace('"', "") for line in lines if is_row(line)]
    if not rows:
        return np.zeros((0, layout.width))
    try:
        if layout.decimal_comma:
            rows = [_DECIMAL_COMMA.sub(".", row) for row in rows]
        values = np.loadtxt(rows, delimiter=layout.delimiter, ndmin=2, comments="#")
        if values.shape[1] == layout.width:
            return np.asarray(values, np.float64)
    except ValueError:
        pass  # cell by cell is slower, but knows where it is
    return _cell_by_cell(lines, layout, name, first_line)


def _cell_by_cell(lines: list[str], layout: Layout, name: str, first_line: int) -> NDArray[np.float64]:
    table = []
    for number, line in enumerate(lines, first_line):
        if not is_row(line):
            continue
        cells = layout.split(line.split("#")[0])
        if len(cells) != layout.width:
            raise ScanError(
                f"{name}, line {number}, has {len(cells)} columns where the others have {layout.width}: "
                "mend the file or choose another one."
            )
        table.append([_number(cell) for cell in cells])
    return np.array(table, np.float64).reshape(-1, layout.width)


def _layout(rows: list[str], delimiter: str | None, decimal_comma: bool) -> Layout | None:
    layout = Layout(delimiter, 0, decimal_comma)
    cells = [layout.split(row) for row in rows]
    widths = {len(row) for row in cells}
    if len(widths) != 1 or widths < {2}:
        return None
    columns = zip(*cells, strict=True)
    numeric = sum(all(np.isfinite(_number(cell)) for cell in column) for column in columns)
    return Layout(delimiter, widths.pop(), decimal_comma) if numeric >= 2 else None


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
