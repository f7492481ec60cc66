"""Patterns that lie uncompressed somewhere in a file, read in place.

Plain seek and read instead of a memory map: pages of a map count as the process's memory, so with a map
memory would grow with the number of patterns looked at.
"""

from __future__ import annotations

import itertools
import math
import threading
import weakref
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError


class RawStack:
    """Frames (n, H, W) stored one after the other; a PatternSource that owns its file.

    Parameters
    ----------
    file : BinaryIO
        Closed when the stack is no longer used.
    offset : int
        Byte at which frame 0 starts.
    shape : (n, rows, cols) as stored
    dtype : numpy dtype as stored
    transposed : bool
        True if every frame is stored column by column; then patterns are (n, cols, rows).
    label : str
        For messages, e.g. 'scan.npz, key diff3d'.
    """

    def __init__(
        self,
        file: BinaryIO,
        offset: int,
        shape: tuple[int, int, int],
        dtype: np.dtype[Any],
        *,
        transposed: bool = False,
        label: str = "patterns",
    ) -> None:
        self._file, self._offset, self._stored_shape, self.dtype = file, offset, shape, dtype
        self._transposed, self._label = transposed, label
        self._lock = threading.Lock()
        weakref.finalize(self, file.close)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        n, rows, cols = self._stored_shape
        return (n, cols, rows) if self._transposed else (n, rows, cols)

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the frames at `indices` as they are, (b, H, W) float32.

        Raises
        ------
        ScanError
            If the file was cut short or cannot be read.
        """
        frames = np.empty((len(indices), *self._stored_shape[1:]), self.dtype)
        for start, stop in index_runs(np.asarray(indices)):
            self._read_into(frames[start:stop], int(indices[start]))
        if self._transposed:
            frames = frames.transpose(0, 2, 1)
        with beyond_single():
            return np.ascontiguousarray(frames, dtype=np.float32)

    def _read_into(self, frames: NDArray[Any], first: int) -> None:
        if not 0 <= first <= self._stored_shape[0] - len(frames):
            raise ScanError(f"{self._label} has {self._stored_shape[0]} patterns, so none at {first}.")
        position = self._offset + first * math.prod(self._stored_shape[1:]) * self.dtype.itemsize
        buffer = frames.view(np.uint8).data.cast("B")
        try:
            with self._lock:
                self._file.seek(position)
                count = self._file.readinto(buffer)  # type: ignore[attr-defined]
        except OSError as error:
            raise ScanError(f"{self._label} cannot be read: {error.strerror or error}.") from error
        if count != len(buffer):
            raise ScanError(f"{self._label} ends before pattern {first + len(frames) - 1}: copy it again.")


def beyond_single() -> np.errstate:
    """Let numbers that single precision cannot hold become infinite or NaN in silence: they are no counts."""
    return np.errstate(over="ignore", invalid="ignore")


def index_runs(indices: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Split indices into runs of consecutive numbers: (start, stop) within `indices`."""
    if len(indices) == 0:
        return
    breaks = np.flatnonzero(np.diff(indices) != 1) + 1
    edges = [0, *breaks.tolist(), len(indices)]
    yield from itertools.pairwise(edges)
