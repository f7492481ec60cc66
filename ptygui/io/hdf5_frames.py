"""A detector's frames in HDF5: single ones, stacks that are still being written, and files that follow."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.scan import PatternSource, spread_indices
from ptygui.io.canonical import check_frame_size
from ptygui.io.hdf5 import dataset, label, linked, open_hdf5, reading
from ptygui.io.hdf5_stack import check_still_there, open_stack
from ptygui.io.joined import join
from ptygui.io.raw_stack import beyond_single

_LOOKED_AT = 4


@dataclass(frozen=True)
class Hdf5Frame:
    """A dataset (H, W) of real numbers: a PatternSource of one frame."""

    path: Path
    key: str
    frame: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(1, H, W)."""
        return 1, *self.frame

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the frame once for each index, (b, H, W) float32; raises ScanError like Hdf5Stack."""
        with open_hdf5(self.path) as file:
            stored = dataset(file, self.key)
            check_still_there(file, self.key, (1, *stored.shape), self.shape)
            with reading(file, self.key), beyond_single():
                frame = np.asarray(stored[()], np.float32)
        return np.repeat(frame[None], len(indices), axis=0)


def open_frames(file: h5py.File, key: str) -> PatternSource:
    """Check a dataset of one frame (H, W) or many (n, H, W) without reading it.

    Of a stack that a detector still fills, only the frames up to the last written one are there.

    Raises
    ------
    ScanError
        If it is absent or holds no frames of real numbers, or its data cannot be there.
    """
    found = dataset(file, key)
    if found.ndim == 2 and found.dtype.kind in "buif" and 0 not in found.shape:
        check_frame_size(found.shape, label(file, key))
        return Hdf5Frame(Path(file.filename), key, found.shape)
    stack = open_stack(file, key)
    with reading(file, key):
        written = _written(found)
    return stack if written >= stack.shape[0] else replace(stack, shape=(written, *stack.shape[1:]))


@dataclass(frozen=True)
class LinkedFrames:
    """Frames behind the links of a master file, and what is to be said of those that are not there."""

    frames: PatternSource
    notes: tuple[str, ...] = ()


def open_linked_frames(file: h5py.File, keys: list[str]) -> LinkedFrames:
    """Open what links lead to, one after the other; those at the end may lead nowhere yet.

    Every file is opened by itself, not through the master: so none is locked, and one that is being written
    can be read.

    Parameters
    ----------
    file : h5py.File
        The master.
    keys : list of str
        In the order of the frames.

    Raises
    ------
    ScanError
        If none is there, one is missing before another, or they differ in size.
    """
    targets = [_target(file, key) for key in keys]
    there = [index for index, (path, _) in enumerate(targets) if path.exists()]
    end = there[-1] + 1 if there else 1
    parts: list[PatternSource] = []
    for index, (key, (path, inner)) in enumerate(zip(keys[:end], targets[:end], strict=True)):
        if not path.exists():
            raise ScanError(
                f"{label(file, key)} lies in {path.name}, which is missing: put it into the same folder."
            )
        try:
            parts.append(_open_part(file, path, inner))
        except ScanError:
            if index == 0 or index + 1 < end:
                raise
            end = index  # the last one was just begun
    sizes = sorted({part.shape[1:] for part in parts})
    if len(sizes) > 1:
        raise ScanError(f"The frames behind {label(file, keys[0])} and what follows differ in size: {sizes}.")
    return LinkedFrames(join(parts), _notes(keys, [path.name for path, _ in targets[end:]]))


def always(frames: PatternSource, value: float) -> NDArray[np.bool_] | None:
    """Return the pixels (H, W) that have a value in a few frames spread over the scan; None: no such.

    Raises
    ------
    ScanError
        If the frames cannot be read.
    """
    sample = frames.read(spread_indices(frames.shape[0], _LOOKED_AT))
    found = np.asarray((sample == value).all(axis=0), np.bool_)
    return found if found.any() and not found.all() else None


def numbered_keys(file: h5py.File, group: str, prefix: str) -> list[str]:
    """Return the keys `group/prefix<number>`, by number; empty if there is no such group."""
    found = file.get(group) if linked(file, group) else None
    if not isinstance(found, h5py.Group):
        return []
    names = [name for name in found if re.fullmatch(prefix + r"\d{1,9}", name)]
    return [f"{group}/{name}" for name in sorted(names, key=lambda name: int(name.removeprefix(prefix)))]


def _target(file: h5py.File, key: str) -> tuple[Path, str]:
    """Return file and key that a link leads to; like HDF5, also look beside the master."""
    link = file.get(key, getlink=True)
    master = Path(file.filename)
    if not isinstance(link, h5py.ExternalLink):
        return master, key
    path = master.parent / link.filename
    return path if path.exists() else master.parent / Path(link.filename).name, link.path


def _open_part(file: h5py.File, path: Path, key: str) -> PatternSource:
    if path == Path(file.filename):
        return open_frames(file, key)
    with open_hdf5(path) as part:
        return open_frames(part, key)


def _notes(keys: list[str], missing: list[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return (
        f"Of {len(keys)} linked files {len(keys) - len(missing)} are there; from {missing[0]} on they are "
        "not written yet, or missing.",
    )


def _written(found: Any) -> int:
    """Return how many frames there are up to the last chunk that was written."""
    if found.chunks is None or found.is_virtual:
        return int(found.shape[0])
    expected = math.prod(-(-length // step) for length, step in zip(found.shape, found.chunks, strict=True))
    if found.id.get_num_chunks() >= expected:
        return int(found.shape[0])
    last = 0

    def look(chunk: Any) -> None:
        nonlocal last
        last = max(last, chunk.chunk_offset[0] + found.chunks[0])

    found.id.chunk_iter(look)
    return min(last, int(found.shape[0]))
