"""How ptypy stores values in HDF5 (h5rw.py of ptypy).

Dictionaries and lists are groups, and every dataset has an attribute `type`; None is stored as the array
[0.] of the type 'None'. Nothing that ptypy pickled is read.
"""

from __future__ import annotations

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.io import hdf5, hdf5_values
from ptygui.io.mapped_places import text_of

MOST_NUMBERS = 10_000_000


def is_told(file: h5py.File, key: str) -> bool:
    """Tell whether something else than None is stored under a key."""
    found = file.get(key) if hdf5.linked(file, key) else None
    return found is not None and text_of(found.attrs.get("type", "")) != "None"


def numbers(file: h5py.File, key: str) -> list[float]:
    """Read a few real numbers; empty if there are none, or one is not finite. Raises ScanError."""
    found = file.get(key) if is_told(file, key) else None
    if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "iuf" or found.size > MOST_NUMBERS:
        return []
    values = hdf5.array(file, key).reshape(-1).astype(np.float64)
    return values.tolist() if np.isfinite(values).all() else []


def positive(file: h5py.File, key: str) -> float | None:
    """Read a positive number; None if there is none. Raises ScanError."""
    values = numbers(file, key)
    return values[0] if values and values[0] > 0 else None


def pair(file: h5py.File, key: str) -> tuple[float, float] | None:
    """Read two numbers, or one that stands for both; None if there are none. Raises ScanError."""
    values = numbers(file, key)
    if len(values) not in (1, 2):
        return None
    return values[0], values[-1]


def text(file: h5py.File, key: str) -> str:
    """Read a text; empty if there is none."""
    return hdf5_values.text(file, key) if is_told(file, key) else ""


def positions(file: h5py.File, key: str) -> NDArray[np.float64] | None:
    """Read positions (n, 2) (y, x); None if there are none of that shape. Raises ScanError."""
    if not is_told(file, key) or not isinstance(file[key], h5py.Dataset):
        return None
    values = hdf5.array(file, key)
    if values.ndim != 2 or values.shape[1] != 2 or values.dtype.kind not in "iuf":
        return None
    return values.astype(np.float64)
