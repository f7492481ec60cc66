"""The elements of MATLAB's files of version 5 to 7: tags, matrices and the fields of structures.

Layout: MathWorks, "MAT-File Level 5 File Format". An element is a tag (type, bytes) and its content, padded
to 8 bytes; up to 4 bytes of content lie inside the tag. A matrix is an element that holds others: flags,
dimensions, name, and for numbers their real and imaginary parts.
"""

from __future__ import annotations

import math
import struct
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ptygui.io.raw_stack import beyond_single

Order = Literal["<", ">"]
MATRIX, COMPRESSED = 14, 15
_TYPES = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_CLASSES = {
    1: "a cell array", 2: "a struct", 3: "an object", 4: "text", 5: "a sparse matrix",
    16: "a function handle", 17: "an object", 18: "an object",
}  # fmt: skip
_STRUCT, _OPAQUE = 2, 17
_NUMERIC = range(6, 16)
_COMPLEX_FLAG = 0x0800
_MOST_AXES = 32
_MOST_FIELDS = 4096


class MatError(Exception):
    """What is wrong, in words that follow the name of file and variable."""


class Tag(NamedTuple):
    """Of one element: its type, and where its content and the next element begin."""

    kind: int
    size: int
    start: int
    end: int


class Matrix(NamedTuple):
    """What a matrix declares, and where in `data` the rest of it lies."""

    data: memoryview
    name: str
    code: int
    """MATLAB's number of its class."""
    is_complex: bool
    shape: tuple[int, ...]
    body: int


def read_tag(data: bytes | memoryview, at: int, order: Order) -> Tag:
    """Read the tag at a place; raises MatError if the data end before."""
    if at + 8 > len(data):
        raise MatError("ends too early: copy the file again")
    kind, size = struct.unpack_from(f"{order}II", data, at)
    if kind >> 16:
        kind, size = kind & 0xFFFF, kind >> 16
        if size > 4:
            raise MatError("is damaged: copy the file again")
        return Tag(kind, size, at + 4, at + 8)
    padded = size if kind == COMPRESSED else -(-size // 8) * 8
    return Tag(kind, size, at + 8, at + 8 + padded)


def read_matrix(data: bytes | memoryview, order: Order, at: int = 0) -> Matrix:
    """Read what the matrix at a place declares; raises MatError if it is none."""
    view = memoryview(data)
    outer = read_tag(view, at, order)
    if outer.kind != MATRIX or outer.size == 0:
        raise MatError("is empty, or damaged")
    flags_tag, flags = _content(view, outer.start, order)
    if len(flags) < 8:
        raise MatError("is damaged: copy the file again")
    word = struct.unpack_from(f"{order}I", flags)[0]
    code, place = word & 0xFF, flags_tag.end
    shape: tuple[int, ...] = ()
    if code != _OPAQUE:  # an opaque object has no dimensions
        tag, sizes = _content(view, place, order)
        shape, place = _shape(sizes, order), tag.end
    tag, name = _content(view, place, order)
    text = bytes(name).decode("ascii", "replace")
    return Matrix(view, text, code, bool(word & _COMPLEX_FLAG), shape, tag.end)


def numbers_of(matrix: Matrix, order: Order) -> NDArray[Any]:
    """Return the numbers of a matrix, with MATLAB's axes; raises MatError."""
    _refuse_others(matrix)
    tag, values = _part(matrix, matrix.body, order)
    if matrix.is_complex:
        values = _complex(values, _part(matrix, tag.end, order)[1])
    return values.reshape(matrix.shape, order="F")


def _complex(real: NDArray[Any], imaginary: NDArray[Any]) -> NDArray[np.complex128]:
    """Put the parts side by side: times 1j an infinite one would be no number, and numpy warn of it."""
    values = np.empty(real.shape, np.complex128)
    with beyond_single():
        values.real, values.imag = real, imaginary
    return values


def field_of(matrix: Matrix, name: str, order: Order) -> Matrix | None:
    """Return a field of a structure of one element; None if there is none. Raises MatError."""
    if matrix.code != _STRUCT or math.prod(matrix.shape) != 1:
        return None
    length_tag, length_bytes = _content(matrix.data, matrix.body, order)
    names_tag, names = _content(matrix.data, length_tag.end, order)
    length = int.from_bytes(bytes(length_bytes[:4]), "little" if order == "<" else "big")
    if not 0 < length <= 256 or len(names) > _MOST_FIELDS * length:
        raise MatError("is a damaged structure: copy the file again")
    fields = [bytes(names[at : at + length]).split(b"\0")[0] for at in range(0, len(names), length)]
    place = names_tag.end
    for field in fields:
        if field == name.encode():
            return read_matrix(matrix.data, order, place)
        place = read_tag(matrix.data, place, order).end
    return None


def stored_frames(
    matrix: Matrix, order: Order, total: int
) -> tuple[int, tuple[int, int, int], np.dtype[Any]]:
    """Say where in a variable of `total` bytes its frames lie.

    Returns
    -------
    offset : int
    shape : (n, W, H)
        Of MATLAB's (H, W, ...), the axes of which run in the other order.
    dtype : as stored

    Raises
    ------
    MatError
        If it holds no frames of real numbers.
    """
    _refuse_others(matrix)
    tag = read_tag(matrix.data, matrix.body, order)
    if tag.kind not in _TYPES or matrix.is_complex or len(matrix.shape) < 3:
        raise MatError(f"must be patterns, real numbers (H, W, n), not of shape {matrix.shape}")
    dtype = np.dtype(order + _TYPES[tag.kind])
    height, width, *counts = matrix.shape
    shape = (math.prod(counts), width, height)
    if math.prod(shape) * dtype.itemsize != tag.size or tag.start + tag.size > total:
        raise MatError(f"declares the shape {matrix.shape}, which is not what the file holds: copy it again")
    return tag.start, shape, dtype


def _refuse_others(matrix: Matrix) -> None:
    if matrix.code not in _NUMERIC:
        kind = _CLASSES.get(matrix.code, "of an unknown class")
        raise MatError(f"is {kind}: only plain numbers are read")
    if math.prod(matrix.shape) == 0:
        raise MatError("is empty")


def _part(matrix: Matrix, at: int, order: Order) -> tuple[Tag, NDArray[Any]]:
    """Read the real or the imaginary part."""
    tag, content = _content(matrix.data, at, order)
    if tag.kind not in _TYPES:
        raise MatError("is damaged: copy the file again")
    dtype = np.dtype(order + _TYPES[tag.kind])
    if math.prod(matrix.shape) * dtype.itemsize != len(content):
        raise MatError(f"declares the shape {matrix.shape}, which is not what the file holds: copy it again")
    return tag, np.frombuffer(content, dtype).astype(dtype.newbyteorder("="))


def _content(data: memoryview, at: int, order: Order) -> tuple[Tag, memoryview]:
    tag = read_tag(data, at, order)
    if tag.start + tag.size > len(data):
        raise MatError("ends too early: copy the file again")
    return tag, data[tag.start : tag.start + tag.size]


def _shape(sizes: memoryview, order: Order) -> tuple[int, ...]:
    count = len(sizes) // 4
    if not 2 <= count <= _MOST_AXES or len(sizes) % 4:
        raise MatError("is damaged: copy the file again")
    shape = struct.unpack(f"{order}{count}i", sizes)
    if min(shape) < 0:
        raise MatError("is damaged: copy the file again")
    return shape
