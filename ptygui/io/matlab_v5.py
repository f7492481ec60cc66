"""MATLAB files of version 5 to 7: variables one after the other, each of them compressed or not.

Layout: MathWorks, "MAT-File Level 5 File Format". Only the headers are read until numbers are asked for;
frames that lie uncompressed in the file are read in place, others are unpacked once into a temporary file.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.matlab_elements import (
    COMPRESSED,
    MATRIX,
    MatError,
    Matrix,
    Order,
    field_of,
    numbers_of,
    read_matrix,
    read_tag,
    stored_frames,
)
from ptygui.io.raw_stack import RawStack
from ptygui.io.temporary import Report, silent, unpack

HEADER_BYTES = 128
_HEAD_BYTES = 1 << 16
"""Of each variable that is looked at to learn its name and size."""
_MOST_VARIABLES = 10_000
_MOST_DEFLATED = 1040
"""Bytes that one compressed byte can stand for at most (zlib: 1032)."""
_CHUNK = 1 << 20


class _Variable(NamedTuple):
    """Where a variable lies: `start`, `size` of its element's content in the file."""

    start: int
    size: int
    compressed: bool
    total: int
    """Bytes of the matrix, unpacked, with its tag."""


def open_v5(path: Path, report: Report = silent) -> MatFile5:
    """Look through a file; raises ScanError if it is none, or damaged."""
    try:
        with path.open("rb") as file:
            order = _order(file.read(HEADER_BYTES))
            variables = dict(_variables(file, order))
    except MatError as error:
        raise ScanError(
            f"{path.name} is no MATLAB file of version 5 to 7.3, or damaged ({error})."
        ) from error
    except OSError as error:
        raise ScanError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    return MatFile5(path, order, variables, report)


class MatFile5:
    """The variables of one file, see io.matlab.MatFile."""

    def __init__(self, path: Path, order: Order, variables: dict[str, _Variable], report: Report) -> None:
        self.path, self._order, self._variables, self._report = path, order, variables, report
        self._contents: dict[str, bytes] = {}

    @property
    def keys(self) -> set[str]:
        """Names of the variables."""
        return set(self._variables)

    def __contains__(self, key: str) -> bool:
        try:
            return self._find(key) is not None
        except MatError:
            return False

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return f"{self.path.name}, key {key},"

    def array(self, key: str) -> NDArray[Any]:
        """Read numbers with MATLAB's axes; raises ScanError."""
        try:
            return numbers_of(self._required(key), self._order)
        except MatError as error:
            raise ScanError(f"{self.label(key)} {error}.") from error

    def stack(self, key: str) -> RawStack:
        """Open frames as they lie in the file; raises ScanError."""
        if key not in self._variables:
            raise ScanError(f"{self.path.name} has no variable {key}; it has {', '.join(sorted(self.keys))}.")
        variable = self._variables[key]
        try:
            with self.path.open("rb") as file:
                head = _head(file, variable)
            matrix = read_matrix(head, self._order)
            offset, shape, dtype = stored_frames(matrix, self._order, variable.total)
        except MatError as error:
            raise ScanError(f"{self.label(key)} {error}.") from error
        if not variable.compressed:
            return RawStack(
                self.path.open("rb"), variable.start + offset, shape, dtype, label=self.label(key)
            )
        chunks = self._unpacked(key, variable)
        return RawStack(
            unpack(chunks, self.label(key), variable.total), offset, shape, dtype, label=self.label(key)
        )

    def _required(self, key: str) -> Matrix:
        found = self._find(key)
        if found is None:
            raise MatError(f"is not there; the file has {', '.join(sorted(self.keys))}")
        return found

    def _find(self, key: str) -> Matrix | None:
        """Return a variable, or a field of one; None if there is none."""
        name, *fields = key.split(".")
        if name not in self._variables:
            return None
        found: Matrix | None = read_matrix(self._content(name), self._order)
        for field in fields:
            if found is None:
                return None
            found = field_of(found, field, self._order)
        return found

    def _content(self, name: str) -> bytes:
        """Return a whole variable, unpacked; kept, because several fields are asked for."""
        if name not in self._contents:
            variable = self._variables[name]
            if variable.total > MAX_ARRAY_BYTES:
                raise MatError(f"has {variable.total / 1e9:.1f} GB, too large for what it should hold")
            content = b"".join(self._unpacked(name, variable))
            if len(content) < variable.total:
                raise MatError("ends too early: copy the file again")
            self._contents = {name: content}
        return self._contents[name]

    def _unpacked(self, key: str, variable: _Variable) -> Iterator[bytes]:
        """Yield a variable's bytes, not more than it declares; raises ScanError."""
        try:
            with self.path.open("rb") as file:
                for chunk, done in _chunks(file, variable):
                    self._report(done)
                    yield chunk
        except zlib.error as error:
            raise ScanError(f"{self.label(key)} is damaged ({error}): copy the file again.") from error


def _order(header: bytes) -> Order:
    """Return the order of bytes that a header tells."""
    orders: dict[bytes, Order] = {b"IM": "<", b"MI": ">"}
    order = orders.get(header[126:128])
    if len(header) < HEADER_BYTES or order is None or not header.startswith(b"MATLAB"):
        raise MatError("it does not begin as one")
    return order


def _variables(file: BinaryIO, order: Order) -> Iterator[tuple[str, _Variable]]:
    """Yield the variables by name; what MATLAB keeps without a name is passed over."""
    length = file.seek(0, 2)
    at = HEADER_BYTES
    for _ in range(_MOST_VARIABLES):
        file.seek(at)
        start = file.read(8)
        if len(start) < 8:
            return
        tag = read_tag(start, 0, order)
        if at + 8 + tag.size > length:
            raise MatError("it ends too early")
        if tag.kind in (MATRIX, COMPRESSED):
            variable = _look(file, at, tag.size, tag.kind == COMPRESSED, order)
            name = read_matrix(_head(file, variable), order).name
            if name:
                yield name, variable
        at += 8 + tag.size


def _look(file: BinaryIO, at: int, size: int, compressed: bool, order: Order) -> _Variable:
    """Return where a variable lies, once what it declares is found possible."""
    if not compressed:
        return _Variable(at, size + 8, compressed, size + 8)
    head = _head(file, _Variable(at + 8, size, compressed, 0))
    tag = read_tag(head, 0, order)
    if tag.kind != MATRIX or tag.size > size * _MOST_DEFLATED:
        raise MatError("a variable declares more than the file holds")
    return _Variable(at + 8, size, compressed, tag.size + 8)


def _head(file: BinaryIO, variable: _Variable) -> bytes:
    """Read the beginning of a variable, unpacked."""
    file.seek(variable.start)
    stored = file.read(min(variable.size, _HEAD_BYTES))
    if not variable.compressed:
        return stored
    try:
        return zlib.decompressobj().decompress(stored, _HEAD_BYTES)
    except zlib.error as error:
        raise MatError(str(error)) from error


def _chunks(file: BinaryIO, variable: _Variable) -> Iterator[tuple[bytes, float]]:
    """Yield a variable's bytes, unpacked, with the share that is done."""
    file.seek(variable.start)
    unpacker = zlib.decompressobj() if variable.compressed else None
    left_stored, left = variable.size, variable.total
    pending = b""
    while left:
        if not pending:
            pending = file.read(min(_CHUNK, left_stored))
            left_stored -= len(pending)
            if not pending:
                return
        if unpacker is None:
            chunk, pending = pending[:left], b""
        else:
            chunk = unpacker.decompress(pending, min(_CHUNK, left))
            pending = unpacker.unconsumed_tail
        left -= len(chunk)
        yield chunk, 1 - left / variable.total
    if unpacker is None:
        return
    rest = unpacker.decompress(pending + file.read(min(_CHUNK, left_stored)), 16)  # tells a wrong checksum
    if len(rest) > 8:
        raise zlib.error("it is longer than it declares")
