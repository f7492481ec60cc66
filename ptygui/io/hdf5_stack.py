"""Patterns in an HDF5 dataset, read in batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.canonical import check_stack_size
from ptygui.io.growing import steadily
from ptygui.io.hdf5 import InUseError, dataset, label, open_hdf5, reading
from ptygui.io.raw_stack import beyond_single, index_runs


@dataclass(frozen=True)
class Hdf5Stack:
    """A dataset (n, H, W) of real numbers; a PatternSource.

    The file is open only while a batch is read, so nothing is locked, leaked or held against others.
    """

    path: Path
    key: str
    shape: tuple[int, int, int]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the frames at `indices` as they are, (b, H, W) float32.

        Raises
        ------
        ScanError
            If the file has gone, was cut short or cannot be decoded; not while it only grows.
        """
        indices = np.asarray(indices)
        return read_beside_writer(self.path, lambda swmr: self._read(indices, swmr))

    def _read(self, indices: NDArray[np.intp], swmr: bool) -> NDArray[np.float32]:
        order = np.argsort(indices, kind="stable")
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        with open_hdf5(self.path, swmr=swmr) as file:
            stored = dataset(file, self.key)
            check_still_there(file, self.key, stored.shape, self.shape)
            with reading(file, self.key), beyond_single():
                for start, stop in index_runs(indices[order]):
                    first = int(indices[order[start]])
                    frames[order[start:stop]] = stored[first : first + stop - start]
        return frames


def read_beside_writer(path: Path, read: Callable[[bool], NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return what `read` returns while a file may be growing; it is told whether to open it for SWMR.

    Raises
    ------
    ScanError
        That of the last attempt.
    """
    try:
        return steadily(path, lambda: read(False))
    except InUseError:
        return steadily(path, lambda: read(True))


def check_still_there(file: h5py.File, key: str, now: tuple[int, ...], then: tuple[int, int, int]) -> None:
    """Raise ScanError unless a dataset has at least the frames it had when it was opened, of that size."""
    if now[1:] == then[1:] and now[0] >= then[0]:
        return
    raise ScanError(
        f"{label(file, key)} had the shape {then} when it was opened and has {now} now: it was cut short or "
        "written anew, so open it again."
    )


def open_stack(file: h5py.File, key: str) -> Hdf5Stack:
    """Check a dataset of patterns without reading it.

    Raises
    ------
    ScanError
        If it is absent or no stack of real numbers, or its data cannot be there.
    """
    found = dataset(file, key)
    if found.ndim == 3 and found.shape[0] == 0:
        raise ScanError(
            f"{label(file, key)} must be patterns, but has none yet: wait for the measurement or choose "
            "another file."
        )
    if found.ndim != 3 or found.dtype.kind not in "buif" or 0 in found.shape:
        raise ScanError(
            f"{label(file, key)} must be patterns, real numbers of shape (n, H, W), "
            f"not {found.dtype} of shape {found.shape}."
        )
    check_stack_size(found.shape, label(file, key))
    return Hdf5Stack(Path(file.filename), key, found.shape)
