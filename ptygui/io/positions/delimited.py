"""Positions in CSV and text files: any delimiter, with or without a header, one point a row."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import ScanError
from ptygui.io.positions.table import PositionTable, table_of
from ptygui.io.positions.text import Layout, complete_lines, find_layout, is_row, numbers, read_text


def sniff(start: bytes) -> bool:
    """Tell whether it is text; asked after all others."""
    return b"\0" not in start


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read the table; raises ScanError if there is none."""
    lines = complete_lines(read_text(path))
    layout = find_layout(lines)
    if layout is None:
        raise ScanError(
            f"{path.name} has no table of positions: expected were rows with the same number of columns, at "
            "least two of them numbers."
        )
    first = next(index for index, line in enumerate(lines) if _is_data(line, layout))
    values = numbers(lines[first:], layout, path.name, first + 1)
    names = _names(lines[:first], layout) or [f"column {column + 1}" for column in range(layout.width)]
    return table_of("delimited text", names, values)


def _is_data(line: str, layout: Layout) -> bool:
    cells = layout.split(line) if is_row(line) else []
    return len(cells) == layout.width and sum(map(_is_number, cells)) >= 2


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _names(header: list[str], layout: Layout) -> list[str]:
    """Return the names in the last line before the numbers that has enough of them."""
    for line in reversed(header):
        bare = line.strip().lstrip("#%!/ ")
        for delimiter in (layout.delimiter, ",", None):
            cells = Layout(delimiter, layout.width).split(bare)
            if len(cells) == layout.width and not any(map(_is_number, cells)):
                return cells
    return []
