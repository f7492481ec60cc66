"""Patterns on their way from a scan into a file: in batches, as numbers that lose nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Progress
from ptygui.core.scan import Scan

BATCH_BYTES = 16 << 20
"""Of patterns in memory at once, whatever their number."""
_CHUNK_BYTES = 1 << 20


def look(scan: Scan) -> Generator[Progress, None, np.dtype[Any]]:
    """Read all patterns once; return the smallest type that holds every one of them exactly.

    Whole numbers that are not negative become unsigned integers, all else float32.
    """
    largest, whole, done = 0.0, True, 0
    for patterns in pattern_batches(scan):
        whole = whole and bool(
            np.isfinite(patterns).all() and patterns.min() >= 0 and not (patterns % 1).any()
        )
        if not whole:
            break
        largest, done = max(largest, float(patterns.max())), done + len(patterns)
        yield Progress("Looking at the patterns", done, len(scan))
    types = (np.uint8, np.uint16, np.uint32, np.uint64) if whole else ()
    # the largest uint64 rounds up as a float, so what equals it would not fit
    fitting = (np.dtype(t) for t in types if largest < float(np.iinfo(t).max) or largest == np.iinfo(t).max)
    return next(fitting, np.dtype(np.float32))


def pattern_batches(scan: Scan) -> Iterator[NDArray[np.float32]]:
    """Yield all patterns, (b, H, W) float32, some megabytes at a time."""
    height, width = scan.pattern_shape
    size = max(1, BATCH_BYTES // (4 * height * width))
    return (batch.patterns for batch in scan.batches(size))


class NewHdf5:
    """An HDF5 file that is being written, and the disk under it."""

    def __init__(self, file: h5py.File, disk: Disk) -> None:
        self.file, self._disk = file, disk

    def check(self) -> None:
        """Raise the OSError that the disk answered, if it did."""
        if self._disk.failure is not None:
            raise self._disk.failure

    def write_stack(self, key: str, scan: Scan) -> Iterator[Progress]:
        """Write the patterns as a dataset (n, H, W), compressed so that every HDF5 reads it (gzip)."""
        dtype = yield from look(scan)
        height, width = scan.pattern_shape
        frames = max(1, min(len(scan), _CHUNK_BYTES // (dtype.itemsize * height * width)))
        stack = self.file.create_dataset(
            key,
            scan.patterns.shape,
            dtype,
            chunks=(frames, height, width),
            compression="gzip",
            compression_opts=1,
            shuffle=True,
        )
        done = 0
        for patterns in pattern_batches(scan):
            stack[done : done + len(patterns)] = patterns.astype(dtype)
            self.check()
            done += len(patterns)
            yield Progress("Writing the patterns", done, len(scan))


@contextmanager
def new_hdf5(path: Path) -> Iterator[NewHdf5]:
    """Create an HDF5 file.

    Raises
    ------
    OSError
        If the disk is full.
    """
    with Disk(path, "x+") as disk:
        with h5py.File(disk, "w") as file:
            new = NewHdf5(file, disk)
            yield new
        new.check()


class Disk(FileIO):
    """A file that keeps its first failure for later, and after it takes everything and keeps nothing.

    HDF5 cannot close a file that it cannot write: when the disk is full it ends the whole program
    (HDF5 1.14 with h5py 3.16). So it is not told.
    """

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all of it: HDF5 does not ask how much was."""
        rest = memoryview(data).cast("B")
        while rest and self.failure is None:
            rest = rest[self._attempt(super().write, rest) :]
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        """Set the length."""
        return self._attempt(super().truncate, size)

    def _attempt(self, act: Callable[[Any], int | None], argument: Any) -> int:
        try:
            return act(argument) or 0
        except OSError as error:
            self.failure = self.failure or error
            return 0
