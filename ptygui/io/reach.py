"""What a scan lies in, and whether that has changed: sizes and times only, no file is opened.

Sizes and times cross network file systems, where the notifications of an operating system do not.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.io import registry
from ptygui.io.hdf5 import open_hdf5
from ptygui.io.readers.frame_folder import frame_files
from ptygui.io.series import name_kind, siblings

MAX_FILES = 1000
"""Looked at: a detector's may be many more."""
MAX_OPENED = 8
"""Sources of patterns whose links are followed: each costs the opening of a file."""

Stamp = tuple[int, int]
"""Size in bytes, and time of the last change in ns; of a folder nothing but that it is there."""
Sight = Mapping[str, Stamp | None]
"""The stamp of each file by its path, None where there is none; `<folder>/*`: how many frames lie there."""


@dataclass(frozen=True)
class Reach:
    """The files that a scan is made of.

    Attributes
    ----------
    files : tuple of Path
        What it was read from; the first is the file that was opened.
    last_frame : Path or None
        Of a series of files with a frame each: the series may go on.
    named : tuple of Path
        What its preparation takes from elsewhere.
    """

    files: tuple[Path, ...]
    last_frame: Path | None = None
    named: tuple[Path, ...] = ()


def reach_of(path: Path, raw: RawScan) -> Reach:
    """Say what an open scan was read from, as far as that is known of it: call it where files may be opened.

    That is the file, those of its patterns, what links and virtual datasets of HDF5 lead to, be it there or
    not, and the files that its reader took something from.
    """
    home = Path(raw.path)
    sources = list(_sources(raw.frames))
    series = [source.paths[-1] for source in sources if hasattr(source, "paths")]
    if home.is_dir() and not series:
        series = frame_files(home)[-1:]
    files = [path, home, *series, *map(Path, raw.companions)]
    for place, source in enumerate(sources):
        files += _files_of(source, follow=place < MAX_OPENED)
    files += _linked_data(home)
    return Reach(tuple(dict.fromkeys(files))[:MAX_FILES], series[-1] if series else None)


def with_named(reach: Reach, raw: RawScan, preparation: Preparation) -> Reach:
    """Add the files that a preparation names; relative paths begin at the folder of the patterns."""
    home = Path(raw.path)
    folder = home if home.is_dir() else home.parent
    columns = preparation.reading.positions_file
    names = [columns and columns.path, *(getattr(step, "path", None) for step in preparation.steps)]
    return replace(reach, named=tuple(folder / name for name in names if name))


def look(reach: Reach) -> Sight:
    """Return what can be seen of a scan's files now; never raises, but may hang where a disk does."""
    sight: dict[str, Stamp | None] = {str(file): _stamp(file) for file in (*reach.files, *reach.named)}
    if reach.last_frame is not None:
        sight[f"{reach.last_frame.parent}{os.sep}*"] = (_fellows(reach), 0)
    return sight


def check_known(path: Path) -> None:
    """Raise ScanError if no reader knows the file any more; it is not read."""
    registry.reader_of(path)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (0, 0) if stat.S_ISDIR(status.st_mode) else (status.st_size, status.st_mtime_ns)


def _fellows(reach: Reach) -> int:
    """Count the files that are called like the frames of a series; none of them is looked at."""
    last = reach.last_frame
    assert last is not None  # held by the caller
    try:
        if last.parent not in reach.files:
            return len(siblings(last))
        kind = name_kind(last)
        return sum(name_kind(Path(name)) == kind for name in os.listdir(last.parent))  # noqa: PTH208 names
    except OSError:
        return 0


def _sources(source: Any) -> Iterator[Any]:
    """Yield a source of patterns and those that it is made of (`parts`, `source`)."""
    yield source
    for part in getattr(source, "parts", ()):
        yield from _sources(part)
    if hasattr(source, "source"):
        yield from _sources(source.source)


def _files_of(source: Any, *, follow: bool) -> Iterator[Path]:
    """Yield the file of a source that knows it, and what a dataset there is made of."""
    if not hasattr(source, "path"):
        return
    yield source.path
    if not (follow and hasattr(source, "key")):
        return
    try:
        with open_hdf5(source.path) as file:
            yield from list(_behind(file[source.key]))
    except ScanError:  # it was opened a moment ago: its writer is at it, and the file itself is watched
        return


def _behind(dataset: h5py.Dataset) -> Iterator[Path]:
    """Yield the files of a dataset's links, virtual sources and raw external storage."""
    path = Path(dataset.file.filename)
    yield path
    names = [str(entry[0]) for entry in dataset.external or ()]
    if dataset.is_virtual:
        names += [source.file_name for source in dataset.virtual_sources()]
    for name in dict.fromkeys(names):
        if name != "." and "%b" not in name:  # the same file; a series whose names are not known
            yield path.parent / name


def _linked_data(path: Path) -> list[Path]:
    """Return the files that the links of a master file lead to (NXmx: /entry/data), written or not."""
    if not h5py.is_hdf5(path):
        return []
    try:
        with open_hdf5(path) as file:
            group = file.get("entry/data")
            links = [group.get(key, getlink=True) for key in group] if isinstance(group, h5py.Group) else []
            return [path.parent / link.filename for link in links if isinstance(link, h5py.ExternalLink)]
    except ScanError:
        return []
