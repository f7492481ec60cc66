"""What an HDF5 file tells besides its patterns: lengths and energies with their units, images, columns.

Everything here is optional: what is absent is None, what is there but of no use is left out and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5, hdf5_values
from ptygui.io.mapped_places import unit_of

Keys = tuple[str, ...]
Value = TypeVar("Value")


class Facts:
    """Reads from an open file; of several keys the first that is there counts.

    Parameters
    ----------
    file : h5py.File
    """

    def __init__(self, file: h5py.File) -> None:
        self.file = file
        self.notes: list[str] = []
        """Sentences about what was left out."""

    def key(self, keys: Keys) -> str | None:
        """Return the first key that the file has, even if it is a link that dangles."""
        return next((key for key in keys if hdf5.linked(self.file, key)), None)

    def quantity(self, keys: Keys, units: Mapping[str, float], default: str) -> float | None:
        """Read a positive number in the base unit; of many its median, of a negative length its amount.

        Parameters
        ----------
        keys : tuple of str
        units : mapping
            Names of units, in small letters, in the base unit.
        default : str
            The unit where the file tells none; empty if it must tell it.
        """
        return self._optional(keys, lambda key: self._quantity(key, units, default))

    def unit(self, key: str, default: str) -> str:
        """Return the unit of a dataset, in small letters."""
        return unit_of(self.file, key) or default

    def text(self, key: str) -> str:
        """Return a text that is stored as a dataset; empty if there is none."""
        return hdf5_values.text(self.file, key)

    def image(self, keys: Keys, shape: tuple[int, int], what: str) -> NDArray[np.float32] | None:
        """Read an image of the patterns' size, the mean of several."""
        return self._optional(keys, lambda key: _mean(self._stack(key, shape, what)))

    def mask(
        self, keys: Keys, shape: tuple[int, int], is_bad: Callable[[NDArray[Any]], NDArray[np.bool_]]
    ) -> NDArray[np.bool_] | None:
        """Read a mask of the patterns' size, of several what is bad in all of them."""
        return self._optional(keys, lambda key: _all(is_bad(self._stack(key, shape, "mask"))))

    def column(self, keys: Keys, n: int, what: str) -> NDArray[np.float64] | None:
        """Read one number for each pattern, the mean where there are several."""
        return self._optional(keys, lambda key: self._column(key, n, what))

    def _optional(self, keys: Keys, read: Callable[[str], Value]) -> Value | None:
        key = self.key(keys)
        if key is None:
            return None
        try:
            return read(key)
        except ScanError as error:
            self.notes.append(f"Left out: {error}")
            return None

    def _quantity(self, key: str, units: Mapping[str, float], default: str) -> float | None:
        values = self._real(key)
        unit = self.unit(key, default)
        if unit not in units:
            told = f"has the unit '{unit}', which ptygui does not know" if unit else "tells no unit"
            raise ScanError(f"{hdf5.label(self.file, key)} {told}.")
        values = np.abs(values[np.isfinite(values)])
        value = float(np.median(values)) * units[unit] if values.size else 0.0
        return value if 0 < value < np.inf else None

    def _real(self, key: str) -> NDArray[np.float64]:
        values = hdf5.array(self.file, key)
        if values.dtype.kind == "c":
            raise ScanError(f"{hdf5.label(self.file, key)} must hold real numbers, not {values.dtype}.")
        return values.astype(np.float64)

    def _stack(self, key: str, shape: tuple[int, int], what: str) -> NDArray[Any]:
        found = hdf5.dataset(self.file, key)
        if found.shape is None or found.shape[-2:] != shape or 0 in found.shape or found.dtype.kind == "c":
            raise ScanError(
                f"{hdf5.label(self.file, key)} must be the {what}, real numbers of shape {shape} like the "
                f"patterns, not {found.dtype} of shape {found.shape}."
            )
        return hdf5.array(self.file, key).reshape(-1, *shape)

    def _column(self, key: str, n: int, what: str) -> NDArray[np.float64]:
        values = self._real(key)
        if values.size == 0 or values.size % n:
            raise ScanError(
                f"{hdf5.label(self.file, key)} must be the {what}, one number for each of {n} patterns, "
                f"not of shape {values.shape}."
            )
        return np.asarray(values.reshape(n, -1).mean(axis=1))


def _all(stack: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(stack.all(axis=0))


def _mean(stack: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore", invalid="ignore"):  # what single precision cannot hold is not finite
        return np.asarray(stack.mean(axis=0, dtype=np.float64), np.float32)
