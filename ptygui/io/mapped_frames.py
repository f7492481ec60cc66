"""Patterns of an HDF5 dataset of any number of axes, or of several datasets, read in batches."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Index, Part
from ptygui.core.scan import PatternSource
from ptygui.io.canonical import check_stack_size
from ptygui.io.hdf5 import dataset, label, open_hdf5, reading
from ptygui.io.hdf5_stack import read_beside_writer
from ptygui.io.joined import join
from ptygui.io.raw_stack import beyond_single, index_runs


@dataclass(frozen=True)
class MappedStack:
    """A part of a dataset whose axes are two of the frame and any number that count frames.

    Attributes
    ----------
    path, key
        The file is open only while a batch is read.
    counting : tuple of range
        What is used of each axis that counts frames; the last one is fastest.
    rows, cols : slice
        What is used of each frame.
    stored : (rows, cols)
        Of a whole frame.
    frames_last : bool
        True: rows and columns are the first two axes.
    """

    path: Path
    key: str
    counting: tuple[range, ...]
    rows: slice
    cols: slice
    stored: tuple[int, int]
    frames_last: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return (
            math.prod(map(len, self.counting)),
            self.rows.stop - self.rows.start,
            self.cols.stop - self.cols.start,
        )

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
            with reading(file, self.key), beyond_single():
                for start, stop in self._runs(indices[order]):
                    first = int(indices[order[start]])
                    frames[order[start:stop]] = self._read_run(stored, first, stop - start)
        return frames

    def _runs(self, ordered: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
        """Yield runs of frames that follow one another along the fastest axis."""
        line = len(self.counting[-1]) if self.counting else 1
        for start, stop in index_runs(ordered):
            first, last = int(ordered[start]), int(ordered[stop - 1])
            breaks = range((first // line + 1) * line, last + 1, line)
            edges = [start, *(start + at - first for at in breaks), stop]
            yield from itertools.pairwise(edges)

    def _read_run(self, stored: Any, first: int, count: int) -> NDArray[Any]:
        places = np.unravel_index(first, [len(axis) for axis in self.counting]) if self.counting else ()
        chosen: list[Index] = [axis[int(at)] for axis, at in zip(self.counting, places, strict=True)]
        if chosen:
            axis, at = self.counting[-1], int(places[-1])
            chosen[-1] = slice(axis[at], axis[at + count - 1] + 1, axis.step)
        if self.frames_last:
            found = np.asarray(stored[(self.rows, self.cols, *chosen)])
            return np.moveaxis(found, -1, 0) if chosen else found[None]
        found = np.asarray(stored[(*chosen, self.rows, self.cols)])
        return found if chosen else found[None]


def open_mapped_stack(file: h5py.File, key: str, part: Part, *, frames_last: bool) -> MappedStack:
    """Check a dataset of patterns without reading it.

    Raises
    ------
    ScanError
        If it is absent, holds no real numbers, has less than two axes, or the part does not fit.
    """
    found = dataset(file, key)
    if found.shape is None or found.ndim < 2 or found.dtype.kind not in "buif" or 0 in found.shape:
        raise ScanError(
            f"{label(file, key)} must be patterns, real numbers of shape (n, rows, columns) or a raster of "
            f"them, not {found.dtype} of shape {found.shape}: choose another dataset."
        )
    if len(part) > found.ndim:
        raise ScanError(f"{label(file, key)} has {found.ndim} axes, but {len(part)} are chosen.")
    parts = [*part, *[slice(None)] * (found.ndim - len(part))]
    ranges = [
        _range(index, length, label(file, key)) for index, length in zip(parts, found.shape, strict=True)
    ]
    counting, frame = (ranges[2:], ranges[:2]) if frames_last else (ranges[:-2], ranges[-2:])
    check_stack_size((math.prod(map(len, counting)), len(frame[0]), len(frame[1])), label(file, key))
    if any(axis.step != 1 or len(axis) < 2 for axis in frame):
        raise ScanError(f"{label(file, key)}: of rows and columns one piece must be chosen, as in '10:200'.")
    rows, cols = (slice(axis.start, axis.stop) for axis in frame)
    whole = found.shape[:2] if frames_last else found.shape[-2:]
    return MappedStack(Path(file.filename), key, tuple(counting), rows, cols, whole, frames_last)


def _range(index: Index, length: int, where: str) -> range:
    one = index if isinstance(index, slice) else slice(index, index + 1 or None)
    chosen = range(length)[one]
    if not chosen:
        raise ScanError(f"{where} has an axis of {length}, of which the part chosen leaves nothing.")
    return chosen


def join_stacks(sources: list[MappedStack], where: str) -> PatternSource:
    """Return one source of all; raises ScanError, with `where`, if their frames differ in size."""
    sizes = sorted({source.shape[1:] for source in sources})
    if len(sizes) > 1:
        raise ScanError(f"{where}: frames of {sizes[0]} and of {sizes[1]} pixels cannot be of one scan.")
    return join(list(sources))
