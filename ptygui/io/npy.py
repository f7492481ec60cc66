"""Headers of NumPy's .npy format, read without ever unpickling.

Layout: NumPy Enhancement Proposal 1 (numpy.lib.format): magic string, version, header length, and a
Python literal with `descr`, `fortran_order` and `shape`.
"""

from __future__ import annotations

import math
import tokenize
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

_PARSE_ERRORS = (
    ValueError,
    TypeError,
    SyntaxError,
    OverflowError,
    RecursionError,
    MemoryError,
    tokenize.TokenError,
)
"""What numpy's parser, built on Python's own, raises on headers that are none."""


class HeaderError(ValueError):
    """Not an .npy array, or one that must not be read; the text completes 'key ...'."""


@dataclass(frozen=True)
class NpyHeader:
    """What an .npy header declares."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    size_bytes: int
    """Length of the header: the data start there."""

    @property
    def data_bytes(self) -> int:
        """Length of the data that the header promises."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: BinaryIO) -> NpyHeader:
    """Read the header of an .npy file or archive member from its first byte.

    Raises
    ------
    HeaderError
        If it is no header, or declares Python objects (pickles) or records.
    """
    shape, fortran_order, dtype, size = _parse(file)
    if dtype.hasobject:
        raise HeaderError("holds pickled Python objects, which ptygui never loads: save it as numbers")
    if dtype.kind not in "biufcUS":
        raise HeaderError(f"has the type {dtype}, not plain numbers")
    if any(length < 0 for length in shape):
        raise HeaderError(f"declares the impossible shape {shape}")
    return NpyHeader(shape, dtype, fortran_order, size)


def _parse(file: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            return *np.lib.format.read_array_header_1_0(file), file.tell()
        if version == (2, 0):
            return *np.lib.format.read_array_header_2_0(file), file.tell()
    except _PARSE_ERRORS as error:
        raise HeaderError("is no NumPy array: its header cannot be read") from error
    raise HeaderError(f"is written in version {version[0]}.{version[1]} of the .npy format, not 1.0 or 2.0")
