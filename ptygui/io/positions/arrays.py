"""Positions in NumPy's files: an .npy of points by columns, or an .npz of columns and tables of them.

Whoever saves positions from Python writes them so: an array (n, 2), or its transpose, or an archive with one
array for each coordinate. Names tell what is what in an archive; a bare table has the columns that a text
without header has. Of several lengths in an archive the one counts whose names hold a pair of coordinates,
else the longest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.npz import open_npz
from ptygui.io.positions.table import PositionTable, has_pair, table_of
from ptygui.io.step_files import load_array

MAX_COLUMNS = 100
_NPY, _ZIP = b"\x93NUMPY", b"PK\x03\x04"

Columns = list[tuple[str, NDArray[np.float64]]]


def sniff(start: bytes) -> bool:
    """Tell by NumPy's magic words: of an array, or of the zip that an archive is."""
    return start.startswith((_NPY, _ZIP))


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read all columns of numbers; raises ScanError if there are not two of one length."""
    with path.open("rb") as file:
        is_archive = file.read(len(_ZIP)) == _ZIP
    return _of_archive(path) if is_archive else _of_array(path)


def _of_array(path: Path) -> PositionTable:
    values = load_array(path, "", "positions")
    columns = _columns("column", values)
    if len(columns) < 2:
        raise ScanError(
            f"{path.name} must hold positions, real numbers of shape (n, 2), not {values.dtype} of shape "
            f"{values.shape}: choose another file."
        )
    return _table("NumPy .npy", columns)


def _of_archive(path: Path) -> PositionTable:
    with open_npz(path) as file:
        headers = {key: file.header(key) for key in sorted(file.keys)}
        small = [key for key, header in headers.items() if _may_be_columns(header.shape, header.dtype)]
        found = [column for key in small for column in _columns(key, file.array(key))]
    by_length: dict[int, Columns] = {}
    for name, values in found:
        by_length.setdefault(len(values), []).append((name, values))
    tables = [columns for columns in by_length.values() if 2 <= len(columns) <= MAX_COLUMNS]
    if not tables:
        raise ScanError(
            f"{path.name} has no positions: expected is an array (n, 2), or one array for each coordinate, "
            f"but it has {', '.join(headers) or 'nothing'}."
        )
    return _table("NumPy .npz", max(tables, key=_likelihood))


def _likelihood(columns: Columns) -> tuple[bool, int]:
    return has_pair([name for name, _ in columns]), len(columns[0][1])


def _may_be_columns(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    """Tell whether an array is a list, or a table of two or three columns; it need not be read for that."""
    return dtype.kind in "iuf" and (len(shape) == 1 or (len(shape) == 2 and min(shape) in (2, 3)))


def _columns(name: str, values: NDArray[Any]) -> Columns:
    """Return the columns of a list or table of real numbers, with names; none of anything else."""
    if values.dtype.kind not in "iuf" or not 1 <= values.ndim <= 2 or 0 in values.shape:
        return []
    if values.ndim == 1:
        return [(name, values.astype(np.float64))]
    rows = values.T if values.shape[0] in (2, 3) and values.shape[1] > 3 else values
    if rows.shape[1] > MAX_COLUMNS:
        return []
    return [(f"{name} {at + 1}", column.astype(np.float64)) for at, column in enumerate(rows.T)]


def _table(format_name: str, columns: Columns) -> PositionTable:
    names, values = zip(*columns, strict=True)
    return table_of(format_name, list(names), np.stack(values, axis=1))
