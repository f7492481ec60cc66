"""The datasets of an HDF5 file that may be part of a scan: real numbers, those near the root first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

from ptygui.io.mapped_places import unit_of

MAX_NODES = 5000
"""After so many nodes nothing new is looked for."""
_ERRORS = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError, NotImplementedError)


@dataclass(frozen=True)
class Candidate:
    """A dataset of real numbers."""

    key: str
    shape: tuple[int, ...]
    unit: str
    value: float | None
    """Of a single number."""

    @property
    def words(self) -> str:
        """The key in small letters."""
        return self.key.lower()

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def size(self) -> int:
        """How many numbers."""
        return int(np.prod(self.shape, dtype=np.int64))


def candidates(file: h5py.File) -> Iterator[Candidate]:
    """Yield them; what dangles or is damaged is none."""
    seen: set[tuple[int, int]] = set()
    queue: deque[tuple[str, Any]] = deque([("", file)])
    room = MAX_NODES
    while queue and room > 0:
        prefix, group = queue.popleft()
        for name in link_names(group, room):
            room -= 1
            key = f"{prefix}/{name}"
            child = _new_child(file, key, seen)
            if isinstance(child, h5py.Group):
                queue.append((key, child))
            elif isinstance(child, h5py.Dataset) and (found := _candidate(file, key, child)) is not None:
                yield found


def link_names(group: Any, at_most: int) -> list[str]:
    """Return names in a group, in order, without listing those beyond `at_most` of perhaps millions."""
    names: list[bytes] = []
    group.id.links.iterate(_collector(names, at_most))
    return [name.decode("utf-8", "replace") for name in names]


def _collector(names: list[bytes], at_most: int) -> Callable[[bytes], bool | None]:
    def collect(name: bytes) -> bool | None:
        names.append(name)
        return len(names) >= at_most or None  # anything but None ends it

    return collect


def _new_child(file: h5py.File, key: str, seen: set[tuple[int, int]]) -> Any:
    """Return what is under a key, None if it was seen already or cannot be had."""
    try:
        child = file[key]
        info = h5py.h5o.get_info(child.id)
    except _ERRORS:
        return None
    if (info.fileno, info.addr) in seen:
        return None
    seen.add((info.fileno, info.addr))
    return child


def _candidate(file: h5py.File, key: str, found: Any) -> Candidate | None:
    try:
        if found.shape is None or found.dtype.kind not in "buif":
            return None
        single = found.size == 1 and not found.is_virtual
        value = float(np.asarray(found[()]).reshape(-1)[0]) if single else None
        return Candidate(key, found.shape, unit_of(file, key), value)
    except _ERRORS:
        return None
