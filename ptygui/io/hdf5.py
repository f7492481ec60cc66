"""HDF5 files, opened for reading without locks; what is missing is named."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin  # noqa: F401  # registers bitshuffle, LZ4, Blosc and others with HDF5
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.foreign import HDF5_SIGNATURE
from ptygui.io.hdf5_links import first_missing_file, in_circle, missing_sources

CHUNK_CACHE_BYTES = 64 << 20
"""So that neighbouring frames of one compressed chunk are decompressed once a batch."""

FREE_BYTES = 64 << 20
"""An array up to this size may be read even if only a part of it was written."""

_IN_USE = "already open for"
_HDF5_ERRORS = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError, NotImplementedError)


class InUseError(ScanError):
    """What a link leads to is being written by another program; perhaps it can be read with `swmr`."""


@contextmanager
def open_hdf5(path: Path, *, swmr: bool = False) -> Iterator[h5py.File]:
    """Open for reading, without a lock, so that a detector may go on writing; closed after the block.

    What is seen is what the writer has flushed so far, whether it writes for readers (SWMR) or not. With
    `swmr` also the files that links and virtual datasets lead to may be those of a writer of SWMR.

    Raises
    ------
    ScanError
        If it is absent or no complete HDF5 file, or h5py fails inside the block, as it may at any access
        to a damaged file.
    """
    try:
        with ExitStack() as opened:
            yield opened.enter_context(_open(path, swmr, opened))
    except _HDF5_ERRORS as error:
        raise ScanError(f"{path.name} is damaged ({_reason(error)}): copy it again.") from error


def _open(path: Path, swmr: bool, closing: ExitStack) -> h5py.File:
    """Open in the first way that the file allows; `closing` closes what it needs besides."""
    try:
        return h5py.File(path, "r", locking=False, swmr=swmr, rdcc_nbytes=CHUNK_CACHE_BYTES)
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path}.") from error
    except _HDF5_ERRORS as error:
        opened = _open_beside_writer(path, closing) if _IN_USE in str(error) else None
        if opened is None:
            raise ScanError(
                f"{path.name} is no complete HDF5 file: copy it again, or wait if it is still being written."
            ) from error
        return opened


def _open_beside_writer(path: Path, closing: ExitStack) -> h5py.File | None:
    """Open a file that its writer has marked as open for writing, or left so when it was killed.

    A writer of SWMR expects readers that say so. One without SWMR forbids any, but only to HDF5's own way
    of opening: through a Python file it is opened all the same.
    """
    try:
        return h5py.File(path, "r", locking=False, swmr=True, rdcc_nbytes=CHUNK_CACHE_BYTES)
    except _HDF5_ERRORS:
        pass
    try:
        return h5py.File(closing.enter_context(_NamedFile(path)), "r", rdcc_nbytes=CHUNK_CACHE_BYTES)
    except _HDF5_ERRORS:
        return None


class _NamedFile(io.FileIO):
    """h5py takes what a Python file prints as for the name of the HDF5 file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path = path

    def __repr__(self) -> str:
        return str(self._path)


def has(path: Path, *keys: str) -> bool:
    """Tell whether it is an HDF5 file with a link under each of these names; never raises."""
    try:
        with open_hdf5(path) as file:
            return all(linked(file, key) for key in keys)
    except (ScanError, *_HDF5_ERRORS):
        return False


def linked(file: h5py.File, key: str) -> bool:
    """Tell whether the file names such an object, even if a link to it dangles."""
    return file.get(key, getlink=True) is not None


def dataset(file: h5py.File, key: str) -> Any:
    """Return a dataset that can really be read.

    Raises
    ------
    ScanError
        If it is absent, a link to a missing file, or compressed with a filter that is not installed.
    """
    with reading(file, key):
        missing = missing_sources(file, key)
        if missing:
            files = ", ".join(missing)
            raise ScanError(
                f"{label(file, key)} lies in {files}, which is missing: put it into the same folder."
            )
        found = file.get(key)
        if not isinstance(found, h5py.Dataset):
            if linked(file, key):
                raise ScanError(f"{label(file, key)} is no dataset: copy the file again.")
            raise ScanError(f"{name(file)} has no dataset {key}; it has {', '.join(file)}.")
        if in_circle(found):
            raise ScanError(f"{label(file, key)} is made of itself: copy the file again.")
        _check_filters(file, found)
        _check_stored(file, found)
    return found


def array(file: h5py.File, key: str) -> NDArray[Any]:
    """Read a whole dataset of numbers that fits in memory: positions, probe, object.

    Raises
    ------
    ScanError
        Like `dataset`, or if it holds no numbers or is unreasonably large.
    """
    found = dataset(file, key)
    if found.dtype.kind not in "buifc" or found.shape is None:
        raise ScanError(f"{label(file, key)} must hold numbers, not {found.dtype}.")
    if found.nbytes > MAX_ARRAY_BYTES:
        raise ScanError(f"{label(file, key)} has the shape {found.shape}: too large for this key.")
    with reading(file, key):
        check_whole(file, found)
        return np.asarray(found[()])


def number(holder: Any, key: str) -> float | None:
    """Read an attribute as one finite number; None if there is none."""
    try:
        value = float(np.asarray(holder.attrs[key]).reshape(-1)[0])
    except (*_HDF5_ERRORS, IndexError):
        return None
    return value if np.isfinite(value) else None


def why_no_scan(path: Path) -> str | None:
    """Say what an HDF5 file lacks to be a scan; None if it is no HDF5 file."""
    with path.open("rb") as start:
        if start.read(len(HDF5_SIGNATURE)) != HDF5_SIGNATURE:
            return None
    try:
        with open_hdf5(path) as file:
            missing = first_missing_file(file)
            contents = ", ".join(file) or "nothing"
    except (ScanError, *_HDF5_ERRORS):
        return "is a damaged or incomplete HDF5 file: copy it again."
    reason = "is an HDF5 file, but no ptychography scan that ptygui reads"
    if missing:
        return f"{reason}, and the data file that it links to, {missing}, is missing."
    return f"{reason}: no patterns with probe positions are in a place that it knows (it has {contents})."


@contextmanager
def reading(file: h5py.File, key: str) -> Iterator[None]:
    """Turn h5py's errors into a ScanError that names file and key."""
    try:
        yield
    except _HDF5_ERRORS as error:
        if _IN_USE in str(error):
            raise InUseError(
                f"{label(file, key)} lies in a file that is still being written by another program: "
                "wait for it."
            ) from error
        raise ScanError(
            f"{label(file, key)} cannot be read ({_reason(error)}): copy the file again."
        ) from error


def _reason(error: Exception) -> str:
    return str(error).strip("'\" ").rstrip(".").replace(". ", "; ")


def name(file: h5py.File) -> str:
    """Return the file's name without its folder."""
    return Path(file.filename).name


def label(file: h5py.File, key: str) -> str:
    """Return 'file, key ...' for messages."""
    return f"{name(file)}, key {key},"


def _check_stored(file: h5py.File, found: Any) -> None:
    """HDF5 reads zeros where nothing was ever written, whatever shape was declared."""
    elsewhere = found.is_virtual or found.external
    if found.size and not elsewhere and found.id.get_storage_size() == 0:
        raise ScanError(
            f"{label(file, found.name)} declares the shape {found.shape}, but nothing was written to it: "
            "wait for the measurement or copy the file again."
        )


def check_whole(file: h5py.File, found: Any) -> None:
    """Refuse a large array of which little was written: it would take memory far beyond the file."""
    if found.nbytes <= FREE_BYTES or found.chunks is None:
        return
    written = found.id.get_num_chunks() * math.prod(found.chunks) * found.dtype.itemsize
    if written < found.nbytes:
        raise ScanError(
            f"{label(file, found.name)} declares the shape {found.shape}, but most of it was not written: "
            "wait for the measurement or copy the file again."
        )


def _check_filters(file: h5py.File, found: Any) -> None:
    plist = found.id.get_create_plist()
    for index in range(plist.get_nfilters()):
        code, _, _, description = plist.get_filter(index)
        if not h5py.h5z.filter_avail(code):
            text = description.decode("utf-8", "replace") or "unnamed"
            raise ScanError(
                f"{label(file, found.name)} is compressed with HDF5 filter {code} ({text}), which is not "
                "installed: write the file with a filter of the package hdf5plugin."
            )
