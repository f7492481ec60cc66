"""Single numbers in HDF5 files, and columns of them."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.mapped_places import text_of
from ptygui.io.raw_stack import beyond_single

MOST_TEXTS = 1_000


def scalar(file: h5py.File, key: str) -> float | None:
    """Read a dataset of one real number; None if there is none, or it is no finite number.

    Raises
    ------
    ScanError
        If it cannot be read, or holds something else than one number.
    """
    if not hdf5.linked(file, key):
        return None
    values = real(file, key)
    if values.size != 1:
        raise ScanError(f"{hdf5.label(file, key)} must hold one number, not the shape {values.shape}.")
    value = float(values.reshape(-1)[0])
    return value if np.isfinite(value) else None


def positive(file: h5py.File, key: str, unit: float = 1.0) -> float | None:
    """Read one number times `unit`; None if there is none or it is not positive, as many write 0 for unknown.

    Raises
    ------
    ScanError
        Like `scalar`.
    """
    value = scalar(file, key)
    return value * unit if value is not None and value > 0 else None


def real(file: h5py.File, key: str) -> NDArray[Any]:
    """Read a whole dataset of real numbers; raises ScanError like `hdf5.array`."""
    values = hdf5.array(file, key)
    if values.dtype.kind == "c":
        raise ScanError(f"{hdf5.label(file, key)} must hold real numbers, not {values.dtype}.")
    return values


def text(file: h5py.File, key: str) -> str:
    """Read a text, of several the first; empty if there is none, or the file is damaged there."""
    try:
        found = hdf5.dataset(file, key) if hdf5.linked(file, key) else None
        if found is None or not h5py.check_string_dtype(found.dtype):
            return ""
        if not 0 < (found.size or 0) <= MOST_TEXTS:
            return ""
        with hdf5.reading(file, key):
            return text_of(found[()])
    except ScanError:
        return ""


def column(file: h5py.File, key: str) -> NDArray[np.float64]:
    """Read one number for each pattern, (n,) float64; axes of length 1 do not count. Raises ScanError."""
    values = real(file, key)
    if sum(length > 1 for length in values.shape) > 1:
        raise ScanError(
            f"{hdf5.label(file, key)} must hold one number for each pattern, not the shape {values.shape}."
        )
    with beyond_single():  # numbers may be longer than double, too
        return np.asarray(values.reshape(-1), np.float64)


def rows_of_two(file: h5py.File, key: str) -> NDArray[np.float64]:
    """Read pairs stored as (2, n), or as (n, 2) with n other than 2, as two rows (2, n) float64.

    Raises
    ------
    ScanError
        Like `hdf5.array`, or if neither axis has the length 2.
    """
    values = real(file, key)
    if values.ndim != 2 or 2 not in values.shape:
        raise ScanError(
            f"{hdf5.label(file, key)} must hold two rows of positions, (2, n), not the shape {values.shape}."
        )
    with beyond_single():
        return np.asarray(values if values.shape[0] == 2 else values.T, np.float64)


def is_pair_of_floats(dtype: np.dtype[Any], names: tuple[str, str]) -> bool:
    """Tell whether a compound is a complex number as programs write it: two plain floats side by side.

    Anything else must not be read: h5py makes long doubles of floats with a damaged exponent, and where they
    overlap in a compound HDF5 writes beyond the memory that it is given.
    """
    if dtype.names != names:
        return False
    first, second = (dtype[name] for name in names)
    offsets = [dtype.fields[name][1] for name in names] if dtype.fields else []
    plain = first.newbyteorder("=") in (np.dtype("f4"), np.dtype("f8")) and first == second
    return plain and offsets == [0, first.itemsize] and dtype.itemsize == 2 * first.itemsize
