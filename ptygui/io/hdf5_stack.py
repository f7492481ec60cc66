"""Patterns in an HDF5 dataset, read in batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.hdf5 import dataset, label, open_hdf5, reading
from ptygui.io.raw_stack import index_runs


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
            If the file has gone, was cut short or cannot be decoded.
        """
        indices = np.asarray(indices)
        order = np.argsort(indices, kind="stable")
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        with open_hdf5(self.path) as file:
            stored = dataset(file, self.key)
            with reading(file, self.key):
                for start, stop in index_runs(indices[order]):
                    first = int(indices[order[start]])
                    frames[order[start:stop]] = stored[first : first + stop - start]
        return frames


def open_stack(file: h5py.File, key: str) -> Hdf5Stack:
    """Check a dataset of patterns without reading it.

    Raises
    ------
    ScanError
        If it is absent or no stack of real numbers, or its data cannot be there.
    """
    found = dataset(file, key)
    if found.ndim != 3 or found.dtype.kind not in "buif" or 0 in found.shape:
        raise ScanError(
            f"{label(file, key)} must be patterns, real numbers of shape (n, H, W), "
            f"not {found.dtype} of shape {found.shape}."
        )
    return Hdf5Stack(Path(file.filename), key, found.shape)
