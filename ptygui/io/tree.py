"""What a browser shows of an HDF5 file: its nodes, listed a group at a time, and small previews.

Nothing is read but what is shown. Links that lead in circles or nowhere, filters that are missing and
groups of millions are told, never followed.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.candidates import link_names
from ptygui.io.hdf5_links import missing_sources
from ptygui.io.mapped_places import text_of, unit_of

MAX_CHILDREN = 500
"""Of a group that are listed at once."""
MAX_ATTRIBUTES = 40
PREVIEW_PX = 256
CURVE_POINTS = 2000
FRAME_BYTES = 256 << 20
"""Larger frames are not previewed: they would have to be read whole."""
_ERRORS = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError, NotImplementedError)


@dataclass(frozen=True)
class Node:
    """One name in a file.

    Attributes
    ----------
    path : str
        From the root, '/entry/data/data'.
    kind : str
        'group', 'dataset', or 'broken': what it leads to cannot be had.
    shape, dtype : of a dataset; dtype as a word: 'uint32', 'text'
    units : str
    attributes : tuple of (name, text)
    target : str
        Where it leads if it is a soft or external link.
    problem : str
        What is wrong with it, in a sentence; empty if nothing.
    """

    path: str
    kind: Literal["group", "dataset", "broken"]
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    units: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    target: str = ""
    problem: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return posixpath.basename(self.path) or "/"

    @property
    def is_open(self) -> bool:
        """Whether something may be listed below it."""
        return self.kind == "group" and not self.problem


@dataclass(frozen=True)
class Listing:
    """The nodes below a group, and how many there are."""

    nodes: tuple[Node, ...]
    total: int


@dataclass(frozen=True)
class Preview:
    """What a dataset looks like: a picture, a curve, or words.

    Attributes
    ----------
    picture : (rows, cols) float32 or None
        Every `stride`-th pixel of frame `index` of `count`; of complex numbers the absolute value.
    curve : (n,) float64 or None
    words : str
    """

    words: str
    picture: NDArray[np.float32] | None = None
    curve: NDArray[np.float64] | None = None
    index: int = 0
    count: int = 1
    stride: int = 1


def list_nodes(path: Path, key: str = "/", at_most: int = MAX_CHILDREN) -> Listing:
    """List what is in a group, the first `at_most` by name.

    Raises
    ------
    ScanError
        If the file cannot be opened, or there is no such group.
    """
    with hdf5.open_hdf5(path) as file:
        group = file.get(key)
        if not isinstance(group, h5py.Group):
            raise ScanError(f"{path.name} has no group {key}.")
        found = [_node(file, posixpath.join(key, name)) for name in link_names(group, at_most)]
        return Listing(tuple(found), len(group))


def describe(path: Path, key: str) -> Node:
    """Tell of one node; raises ScanError if the file cannot be opened or has no such name."""
    with hdf5.open_hdf5(path) as file:
        key = posixpath.join("/", key)
        if key != "/" and not _is_there(file, key):
            raise ScanError(f"{path.name} has no {key}.")
        return _node(file, key)


def _is_there(file: h5py.File, key: str) -> bool:
    try:
        return hdf5.linked(file, key)
    except _ERRORS:
        return False


def _node(file: h5py.File, key: str) -> Node:
    """Describe a name; whatever goes wrong with it is its problem."""
    target = ""
    try:
        target, missing = _target(file, key)
        if missing:
            return Node(key, "broken", target=target, problem=f"Its data lie in {missing}, which is missing.")
        found = file[key]
    except _ERRORS as error:
        lead = f"It leads to {target}, which is not there" if target else "It cannot be read"
        return Node(key, "broken", target=target, problem=f"{lead} ({_reason(error)}).")
    attributes = _attributes(found)
    if isinstance(found, h5py.Dataset):
        return Node(
            key, "dataset", found.shape, _type_word(found.dtype), unit_of(file, key), attributes, target,
            _filter_problem(found),
        )  # fmt: skip
    if isinstance(found, h5py.Group):
        back = _ancestor(file, key, found)
        problem = f"It leads back to {back}." if back else ""
        return Node(key, "group", attributes=attributes, target=target, problem=problem)
    return Node(key, "broken", attributes=attributes, target=target, problem="It is a type, no data.")


def _reason(error: Exception) -> str:
    return str(error).strip("'\" .")


def _target(file: h5py.File, key: str) -> tuple[str, str]:
    """Return where a link leads, and the file that is missing for what is under the key."""
    link = file.get(key, getlink=True) if key != "/" else None
    target = ""
    if isinstance(link, h5py.ExternalLink):
        target = f"{link.filename}:{link.path}"
    elif isinstance(link, h5py.SoftLink):
        target = str(link.path)
    return target, ", ".join(missing_sources(file, key)[:1]) if key != "/" else ""


def _attributes(holder: Any) -> tuple[tuple[str, str], ...]:
    texts = []
    for name in list(holder.attrs)[:MAX_ATTRIBUTES]:
        try:
            texts.append((name, _short(holder.attrs[name])))
        except _ERRORS:
            texts.append((name, "(cannot be read)"))
    return tuple(texts)


def _short(value: Any) -> str:
    found = np.asarray(value)
    if found.size == 1 or found.dtype.kind in "SUO":
        text = text_of(found) + (f" … ({found.size})" if found.size > 1 else "")
    else:
        text = np.array2string(found.reshape(-1)[:8], threshold=8) + (" …" if found.size > 8 else "")
    return text if len(text) <= 120 else text[:119] + "…"


def _type_word(dtype: np.dtype[Any]) -> str:
    if h5py.check_string_dtype(dtype) is not None:
        return "text"
    return "compound" if dtype.fields else str(dtype)


def _filter_problem(found: Any) -> str:
    plist = found.id.get_create_plist()
    for index in range(plist.get_nfilters()):
        code, _, _, description = plist.get_filter(index)
        if not h5py.h5z.filter_avail(code):
            name = description.decode("utf-8", "replace") or "unnamed"
            return f"It is compressed with HDF5 filter {code} ({name}), which is not installed."
    return ""


def _ancestor(file: h5py.File, key: str, found: Any) -> str:
    """Return the path of the group above that this one is, if links lead in a circle."""
    me = _address(found)
    above = key.rstrip("/")
    while above not in ("", "/"):
        above = posixpath.dirname(above)
        if _address(file[above]) == me and found.file.filename == file[above].file.filename:
            return above
    return ""


def _address(found: Any) -> tuple[int, int]:
    info = h5py.h5o.get_info(found.id)
    return info.fileno, info.addr


def preview(path: Path, key: str, frame: int | None = None) -> Preview:
    """Look at a dataset: the middle frame of a stack, or `frame`; a short curve; a value.

    Raises
    ------
    ScanError
        If it is no dataset, or its data cannot be read; the message says why.
    """
    with hdf5.open_hdf5(path) as file:
        found = hdf5.dataset(file, key)
        where = hdf5.label(file, key)
        with hdf5.reading(file, key):
            if found.shape is None or found.size == 0:
                return Preview("It is empty.")
            if found.dtype.kind not in "buifc":
                return Preview(_words_of(found))
            if found.size == 1:
                return Preview(f"{np.asarray(found[()]).reshape(-1)[0]} {unit_of(file, key)}".strip())
            if found.ndim == 1:
                return _curve(found)
            return _picture(found, frame, where)


def _words_of(found: Any) -> str:
    if found.size > 1000 or found.dtype.itemsize > 1 << 16 or h5py.check_string_dtype(found.dtype) is None:
        return f"{_type_word(found.dtype)} of shape {found.shape}"
    values = np.asarray(found.asstr(errors="replace")[()]).reshape(-1)[:20]
    return "\n".join(str(value)[:500] for value in values)


def _curve(found: Any) -> Preview:
    step, stop = -(-found.shape[0] // CURVE_POINTS), found.shape[0]
    if found.nbytes > FRAME_BYTES:  # to skip through it would mean to unpack all of it
        step, stop = 1, CURVE_POINTS
    values = np.asarray(found[:stop:step])
    real = np.abs(values) if values.dtype.kind == "c" else values
    finite = real[np.isfinite(real)].astype(np.float64)
    words = f"{finite.min():.6g} to {finite.max():.6g}" if finite.size else "no finite numbers"
    if stop < found.shape[0]:
        words += f", the first {stop:,} of {found.shape[0]:,}"
    return Preview(words, curve=real.astype(np.float64), stride=step)


def _picture(found: Any, frame: int | None, where: str) -> Preview:
    rows, cols = found.shape[-2:]
    counting = found.shape[:-2]
    count = int(np.prod(counting, dtype=np.int64)) if counting else 1
    index = min(max(count // 2 if frame is None else frame, 0), count - 1)
    unit = max(rows * cols, int(np.prod(found.chunks)) if found.chunks else 0) * found.dtype.itemsize
    if unit > FRAME_BYTES:
        raise ScanError(f"{where} has frames of {unit / 1e6:,.0f} MB: too large for a preview.")
    place = np.unravel_index(index, counting) if counting else ()
    values = np.asarray(found[tuple(int(at) for at in place)])
    stride = max(1, -(-max(rows, cols) // PREVIEW_PX))
    values = values[::stride, ::stride]
    real = np.abs(values) if values.dtype.kind == "c" else values
    words = f"{rows} × {cols}" + (f", {index + 1:,} of {count:,}" if count > 1 else "")
    return Preview(words, picture=np.asarray(real, np.float32), index=index, count=count, stride=stride)
