"""Positions in EPICS MDA files (the sscan record's saveData): scans of one or two dimensions.

Layout (sscan's documentation of saveData, and its Python reader), all in XDR, big-endian: version (float),
number of the scan, rank, the planned length of each dimension, whether it is regular, where the extra values
lie. Then a scan: rank, planned and measured points, where the lower scans lie (if the rank is above 1),
name, time, the numbers of positioners, detectors and triggers, what each is called, float64 values of the
positioners, float32 values of the detectors. A string is its length, and if that is not 0 the length again
and the bytes, filled up to four.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.reading import StoredUnit
from ptygui.io.positions.table import PositionTable, unit_of

MAX_BYTES = 1 << 30
MAX_COLUMNS = 10_000
_VERSIONS = (1.0, 1.5)


def sniff(start: bytes) -> bool:
    """Tell by version and rank: there is no magic number."""
    if len(start) < 16:
        return False
    version, _, rank, points = struct.unpack(">f3i", start[:16])
    return bool(_VERSIONS[0] < version < _VERSIONS[1]) and 1 <= rank <= 4 and 0 < points < 1 << 28


def read(path: Path, _scan: int | None = None) -> PositionTable:
    """Read positioners and detectors as columns, those of the inner scan first.

    Raises
    ------
    ScanError
        If the file is cut short or has more than two dimensions.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScanError(f"{path.name} is too large for an MDA file.")
        content = path.read_bytes()
        return _table(path.name, content)
    except OSError as error:
        raise ScanError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except (struct.error, ValueError) as error:
        raise ScanError(f"{path.name} is a damaged or incomplete MDA file: copy it again.") from error


@dataclass(frozen=True)
class _MdaScan:
    """One run through one dimension."""

    measured: int
    lower: tuple[int, ...]
    names: tuple[str, ...]
    """Of positioners, then detectors."""
    units: tuple[StoredUnit | None, ...]
    positioners: int
    values: NDArray[np.float64]
    """(columns, planned points)."""


class _Xdr:
    """Reads one value after the other."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self._at = content, at

    def integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self._take(4 * count))

    def floats(self, count: int, code: str) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore"):  # of what is no number
            return np.frombuffer(self._take(count * np.dtype(code).itemsize), code).astype(np.float64)

    def string(self) -> str:
        (length,) = self.integers(1)
        if length == 0:
            return ""
        (length,) = self.integers(1)
        return self._take(-(-length // 4) * 4)[:length].decode("latin-1")

    def _take(self, count: int) -> bytes:
        if count < 0 or self._at + count > len(self._content):
            raise ValueError("beyond the end")
        self._at += count
        return self._content[self._at - count : self._at]


def _table(name: str, content: bytes) -> PositionTable:
    header = _Xdr(content, 8)
    (rank,) = header.integers(1)
    if rank > 2:
        raise ScanError(f"{name} is an MDA scan of {rank} dimensions: only those of one and two are read.")
    outer = _scan(content, 12 + 4 * rank + 8)
    columns = _line(outer) if rank == 1 else _lines(name, content, outer)
    if len(columns.names) < 2 or len(columns.values) == 0:
        raise ScanError(f"{name} has no positions in two columns: choose another file.")
    notes = () if rank == 1 else (f"The positions of {name} run along x within a line, from line to line y.",)
    return PositionTable("EPICS MDA", columns.names, columns.values, 0, 1, columns.units, notes=notes)


@dataclass(frozen=True)
class _Columns:
    names: tuple[str, ...]
    units: tuple[StoredUnit | None, ...]
    values: NDArray[np.float64]


def _line(scan: _MdaScan) -> _Columns:
    return _Columns(scan.names, scan.units, scan.values[:, : scan.measured].T)


def _lines(name: str, content: bytes, outer: _MdaScan) -> _Columns:
    """Return the points of all finished lines: inner positioners, outer ones, inner detectors.

    The first of each is a column of its own place: 0 is x, 1 is y.
    """
    offsets = [offset for offset in outer.lower[: outer.measured] if offset > 0]
    if not offsets or not outer.positioners:
        raise ScanError(f"{name} has no finished line of a scan in two dimensions: wait for it.")
    lines = [_scan(content, offset) for offset in offsets]
    first = lines[0]
    if any(line.names != first.names for line in lines) or not first.positioners:
        raise ScanError(f"The lines of {name} were not scanned alike, so they are no one table of positions.")
    inner = np.concatenate([line.values[:, : line.measured] for line in lines], axis=1)
    repeats = [line.measured for line in lines]
    place = [index for index, offset in enumerate(outer.lower[: outer.measured]) if offset > 0]
    slow = np.repeat(outer.values[: outer.positioners, place], repeats, axis=1)
    order = [0, len(inner), *range(1, len(inner)), *range(len(inner) + 1, len(inner) + len(slow))]
    names = (*first.names, *outer.names[: outer.positioners])
    units = (*first.units, *outer.units[: outer.positioners])
    values = np.concatenate([inner, slow])[order].T
    return _Columns(tuple(names[i] for i in order), tuple(units[i] for i in order), values)


def _scan(content: bytes, at: int) -> _MdaScan:
    xdr = _Xdr(content, at)
    rank, planned, measured = xdr.integers(3)
    lower = xdr.integers(planned) if rank > 1 else ()
    xdr.string()  # name of the scan
    xdr.string()  # time
    positioners, detectors, triggers = xdr.integers(3)
    if not all(0 <= count <= MAX_COLUMNS for count in (positioners, detectors, triggers)):
        raise ValueError("absurd number of columns")
    columns = [_positioner(xdr) for _ in range(positioners)] + [_detector(xdr) for _ in range(detectors)]
    for _ in range(triggers):
        xdr.integers(1)
        xdr.string()
        xdr.floats(1, ">f4")
    places = xdr.floats(positioners * planned, ">f8").reshape(positioners, planned)
    counts = xdr.floats(detectors * planned, ">f4").reshape(detectors, planned)
    return _MdaScan(
        measured=min(max(measured, 0), planned),
        lower=lower,
        names=tuple(name for name, _ in columns),
        units=tuple(unit_of(unit) for _, unit in columns),
        positioners=positioners,
        values=np.concatenate([places, counts]),
    )


def _positioner(xdr: _Xdr) -> tuple[str, str]:
    """Return name and unit: of what was read back, if that was another variable."""
    xdr.integers(1)
    name, description, _, unit, back, back_description, back_unit = (xdr.string() for _ in range(7))
    return back_description or back or description or name, back_unit or unit


def _detector(xdr: _Xdr) -> tuple[str, str]:
    xdr.integers(1)
    name, description, unit = (xdr.string() for _ in range(3))
    return description or name, unit
