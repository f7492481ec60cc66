"""MATLAB files of version 7.3: HDF5 behind a block of 512 bytes, with the axes of all arrays reversed.

Layout: MathWorks, "MAT-File Versions"; the attribute MATLAB_class names what a dataset is, complex numbers
are compounds (real, imag), structures are groups, MATLAB_empty marks what holds sizes instead of values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.hdf5_stack import Hdf5Stack, open_stack
from ptygui.io.hdf5_values import is_pair_of_floats

_START = b"MATLAB 7.3 MAT-file"
_NUMERIC = frozenset(
    {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)


def is_v73(path: Path) -> bool:
    """Tell whether a file begins as one of version 7.3; raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return file.read(len(_START)) == _START


@contextmanager
def open_v73(path: Path) -> Iterator[MatFile73]:
    """Open a file; raises ScanError if it is damaged."""
    with hdf5.open_hdf5(path) as file:
        yield MatFile73(path, file)


class MatFile73:
    """The variables of one file, see io.matlab.MatFile."""

    def __init__(self, path: Path, file: h5py.File) -> None:
        self.path, self._file = path, file

    @property
    def keys(self) -> set[str]:
        """Names of the variables; what MATLAB keeps for itself begins with '#'."""
        return {str(key) for key in self._file if not str(key).startswith("#")}

    def __contains__(self, key: str) -> bool:
        try:
            return hdf5.linked(self._file, _inside(key))
        except KeyError:
            return False

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return f"{self.path.name}, key {key},"

    def array(self, key: str) -> NDArray[Any]:
        """Read numbers with MATLAB's axes; raises ScanError."""
        found = self._numbers(key)
        if found.nbytes > MAX_ARRAY_BYTES:
            raise ScanError(f"{self.label(key)} has the shape {found.shape[::-1]}: too large for this key.")
        with hdf5.reading(self._file, _inside(key)):
            hdf5.check_whole(self._file, found)
            values = np.asarray(found[()])
        if values.dtype.names:
            values = values["real"] + 1j * values["imag"]
        return np.asarray(values.T)

    def stack(self, key: str) -> Hdf5Stack:
        """Open frames as they lie in the file; raises ScanError."""
        self._numbers(key)
        return open_stack(self._file, _inside(key))

    def _numbers(self, key: str) -> Any:
        """Return a dataset that holds numbers."""
        if key not in self:
            raise ScanError(f"{self.path.name} has no variable {key}; it has {', '.join(sorted(self.keys))}.")
        with hdf5.reading(self._file, _inside(key)):
            kind = _class(self._file[_inside(key)])
            plain = "MATLAB_object_decode" not in self._file[_inside(key)].attrs
        if not plain or kind not in _NUMERIC:
            raise ScanError(
                f"{self.label(key)} is a {kind if plain else 'MATLAB object'}: only plain numbers are read."
            )
        found = hdf5.dataset(self._file, _inside(key))
        if "MATLAB_empty" in found.attrs or 0 in found.shape:
            raise ScanError(f"{self.label(key)} is empty.")
        if not _is_numeric(found.dtype):
            raise ScanError(f"{self.label(key)} must hold numbers, not {found.dtype}.")
        return found


def _inside(key: str) -> str:
    return key.replace(".", "/")


def _class(found: Any) -> str:
    """Return MATLAB's class of a dataset or group; files of other programs need not tell it."""
    value = found.attrs.get("MATLAB_class", b"")
    name = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return name or ("struct" if isinstance(found, h5py.Group) else "double")


def _is_numeric(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "buifc" or is_pair_of_floats(dtype, ("real", "imag"))
