"""Links of an HDF5 file that lead to files which are not there.

HDF5 itself is silent: a virtual dataset whose source is missing reads as zeros.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

MAX_DEPTH = 12
"""Of groups, and of links that lead to links; files may contain cycles."""
MAX_FOLLOWED = 16
"""Sources of a virtual dataset that are looked at: a detector's may be thousands."""


def missing_sources(file: h5py.File, key: str, depth: int = MAX_DEPTH) -> list[str]:
    """Return the names of the missing files that a dataset's data lie in, each once.

    Raises
    ------
    RuntimeError, KeyError
        By h5py, where links lead in circles or the file is damaged.
    """
    link = file.get(key, getlink=True)
    if isinstance(link, h5py.ExternalLink):
        return _missing([link.filename], file)
    if isinstance(link, h5py.SoftLink) and depth:
        return missing_sources(file, posixpath.join(posixpath.dirname(key), link.path), depth - 1)
    found = file.get(key) if link is not None else None
    return sorted(set(_missing_behind(file, found, depth))) if isinstance(found, h5py.Dataset) else []


def in_circle(found: h5py.Dataset, above: tuple[tuple[int, int], ...] = ()) -> bool:
    """Tell whether a virtual dataset leads back to itself: HDF5 follows that until the process dies.

    Parameters
    ----------
    found : h5py.Dataset
    above : tuple
        What led to it: number of the file and address of each.
    """
    info = h5py.h5o.get_info(found.id)
    here = (int(info.fileno), int(info.addr))
    if here in above or len(above) > MAX_DEPTH:
        return True
    if not found.is_virtual:
        return False
    sources = dict.fromkeys((source.file_name, source.dset_name) for source in found.virtual_sources())
    followed = list(sources)[:MAX_FOLLOWED]
    return any(_source_in_circle(found.file, name, key, (*above, here)) for name, key in followed)


def first_missing_file(file: h5py.File) -> str | None:
    """Return the first missing file that any link below the root leads to."""
    for link in _external_links(file, MAX_DEPTH):
        missing = _missing([link.filename], file)
        if missing:
            return missing[0]
    return None


def _missing_behind(file: h5py.File, found: Any, depth: int) -> Iterator[str]:
    """Files missing from a dataset's raw external storage and from its virtual sources."""
    yield from _missing([str(entry[0]) for entry in found.external or ()], file)
    if not found.is_virtual or not depth:
        return
    for source in found.virtual_sources():
        if source.file_name == ".":
            yield from missing_sources(file, source.dset_name, depth - 1)
        else:
            yield from _missing([source.file_name], file)


def _source_in_circle(file: h5py.File, name: str, key: str, above: tuple[tuple[int, int], ...]) -> bool:
    path = Path(file.filename).parent / name
    if name == "." or path == Path(file.filename):
        source = file.get(key)
        return isinstance(source, h5py.Dataset) and in_circle(source, above)
    try:
        with h5py.File(path, "r", locking=False) as other:
            source = other.get(key)
            return isinstance(source, h5py.Dataset) and in_circle(source, above)
    except OSError:  # not there or not readable now: whoever reads the data tells it
        return False


def _missing(names: list[str], file: h5py.File) -> list[str]:
    """Look where HDF5 looks (H5Lcreate_external): at the path, and at its last part beside the file."""
    folder = Path(file.filename).parent
    return [
        name
        for name in names
        if "%b" not in name  # a series of virtual sources: its names are not known here
        and not (folder / name).exists()
        and not (Path(name).is_absolute() and (folder / Path(name).name).exists())
    ]


def _external_links(group: Any, depth: int) -> Iterator[h5py.ExternalLink]:
    for key in group:
        link = group.get(key, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            yield link
        elif isinstance(link, h5py.HardLink) and depth and group.get(key, getclass=True) is h5py.Group:
            yield from _external_links(group[key], depth - 1)
