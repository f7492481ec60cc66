"""HDF5 files as no program should write them: one thing in a sample is changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import h5py
import numpy as np
from fuzz.odd_arrays import NUMBERS, odd

MAGIC = b"\x89HDF\r\n\x1a\n"
ABSURD, MOST_BYTES = 1 << 40, 16 << 20
SWOLLEN_BYTES = 900 << 20
"""Below what is read whole, far beyond what is in the file."""


def is_hdf5(content: bytes) -> bool:
    """Tell by the magic number, which MATLAB puts behind 512 bytes."""
    return MAGIC in (content[:8], content[512:520])


def alter(content: bytes, kind: str, rng: Random) -> bytes:
    """Change one thing; the content must be a sound HDF5 file."""
    with h5py.File.in_memory(content) as file:
        ALTERATIONS[kind](file, rng)
        file.flush()
        return bytes(file.id.get_file_image())


def keys(file: h5py.File, what: type = h5py.Dataset) -> list[str]:
    """Return the paths of all datasets or groups, each object once."""
    found: list[str] = []
    file.visititems(lambda key, item: found.append(key) if isinstance(item, what) else None)
    return found


def pick(file: h5py.File, rng: Random) -> str:
    """Choose a dataset; with one chance in eight a group."""
    groups = keys(file, h5py.Group)
    return rng.choice(groups) if groups and rng.random() < 0.125 else rng.choice(keys(file))


def values_of(file: h5py.File, key: str) -> Any:
    """Read a dataset; raises ValueError for one that was altered to be absurd."""
    found = file[key]
    if found.is_virtual or found.nbytes > MOST_BYTES:
        raise ValueError(f"{key} is no sound dataset any more")
    return found[()]


def put(file: h5py.File, key: str, value: Any) -> None:
    """Put something in the place of an object, keeping its attributes."""
    attributes = dict(file[key].attrs)
    del file[key]
    file[key] = value
    file[key].attrs.update(attributes)


def other_numbers(file: h5py.File, rng: Random, kind: str) -> None:
    key = rng.choice(keys(file))
    put(file, key, odd(kind, values_of(file, key), rng))


def other_object(file: h5py.File, rng: Random, make: Callable[[str], Any]) -> None:
    key = pick(file, rng)
    del file[key]
    file[key] = make(key)


def deleted(file: h5py.File, rng: Random) -> None:
    del file[pick(file, rng)]


def renamed(file: h5py.File, rng: Random) -> None:
    key = pick(file, rng)
    file.move(key, key + rng.choice(["_", "é ü", "\n", "0" * 300]))


def exchanged(file: h5py.File, rng: Random) -> None:
    first, second = rng.choice(keys(file)), rng.choice(keys(file))
    if first != second:
        file.move(first, "aside")
        file.move(second, first)
        file.move("aside", second)


def group_instead(file: h5py.File, rng: Random) -> None:
    key = rng.choice(keys(file))
    del file[key]
    file.create_group(key)


def group_in_itself(file: h5py.File, rng: Random) -> None:
    key = rng.choice([*keys(file, h5py.Group), "/"])
    file[f"{key}/loop"] = file[key]


def declared(file: h5py.File, rng: Random, rows: int, begun: bool) -> None:
    """Declare many rows; with `begun` one chunk is written."""
    key = rng.choice(keys(file))
    values = np.atleast_1d(values_of(file, key))
    if values.dtype.kind not in "buifc" or values.size == 0:
        return
    row = values.shape[1:]
    rows = rows or SWOLLEN_BYTES // (values.itemsize * int(np.prod(row)))
    put_declared(file, key, values, (rows, *row))
    if begun:
        file[key][:1] = values[:1]


def giant_frames(file: h5py.File, rng: Random) -> None:
    """Declare frames of as many rows and columns as no detector has."""
    key = rng.choice(keys(file))
    values = values_of(file, key)
    if values.ndim == 3:
        del file[key]
        side, chunk = 1 << 18, (1, *values.shape[1:])
        file.create_dataset(key, (len(values), side, side), values.dtype, chunks=chunk)[0, 0, 0] = 1


def put_declared(file: h5py.File, key: str, values: Any, shape: tuple[int, ...]) -> None:
    attributes = dict(file[key].attrs)
    del file[key]
    file.create_dataset(key, shape, values.dtype, chunks=(1, *values.shape[1:]), maxshape=(None, *shape[1:]))
    file[key].attrs.update(attributes)


def virtual(file: h5py.File, rng: Random, source: str) -> None:
    """A virtual dataset of itself, or of a file that is not there."""
    key = rng.choice(keys(file))
    shape, dtype = file[key].shape or (3,), file[key].dtype
    del file[key]
    layout = h5py.VirtualLayout(shape, dtype)
    layout[...] = h5py.VirtualSource(source, key, shape, dtype)
    file.create_virtual_dataset(key, layout)


def special(file: h5py.File, rng: Random, make: Callable[[h5py.File, str, int], None]) -> None:
    key = rng.choice(keys(file))
    length = len(np.atleast_1d(values_of(file, key)))
    del file[key]
    make(file, key, length)


def ragged(file: h5py.File, key: str, length: int) -> None:
    file.create_dataset(key, (length,), h5py.vlen_dtype(np.float64))
    for index in range(length):
        file[key][index] = np.arange(index)


def texts(file: h5py.File, key: str, length: int) -> None:
    file.create_dataset(key, data=["a\udcff".encode("utf-8", "surrogateescape")] * length)


def references(file: h5py.File, key: str, length: int) -> None:
    file.create_dataset(key, data=[file.ref] * length, dtype=h5py.ref_dtype)


def enumeration(file: h5py.File, key: str, length: int) -> None:
    file.create_dataset(key, (length,), h5py.enum_dtype({"OUT": 0, "IN": 1}))


def opaque(file: h5py.File, key: str, length: int) -> None:
    file[key] = np.zeros(length, h5py.opaque_dtype(np.dtype("V7")))


def other_attribute(file: h5py.File, rng: Random, value: Any) -> None:
    """Set attributes that are there, all of one object, to another value."""
    having = [key for key in [*keys(file), *keys(file, h5py.Group), "/"] if len(file[key].attrs)]
    holder = file[rng.choice(having or ["/"])]
    for name in list(holder.attrs) or ["units"]:
        del_attribute(holder, name)
        if value is not None:
            holder.attrs[name] = value


def del_attribute(holder: Any, name: str) -> None:
    if name in holder.attrs:
        del holder.attrs[name]


def units(file: h5py.File, rng: Random, value: Any) -> None:
    """Say of every dataset that it is in such a unit."""
    for key in keys(file):
        file[key].attrs["units"] = value


ALTERATIONS: dict[str, Callable[[h5py.File, Random], None]] = {
    **{f"numbers: {kind}": partial(other_numbers, kind=kind) for kind in NUMBERS},
    "deleted": deleted,
    "renamed": renamed,
    "exchanged": exchanged,
    "group instead": group_instead,
    "group in itself": group_in_itself,
    "link to nothing": partial(other_object, make=lambda key: h5py.SoftLink("/not/there")),
    "link to itself": partial(other_object, make=lambda key: h5py.SoftLink(f"/{key}")),
    "link above": partial(other_object, make=lambda key: h5py.SoftLink("/")),
    "file that is not there": partial(other_object, make=lambda key: h5py.ExternalLink("gone.h5", f"/{key}")),
    "file that is none": partial(other_object, make=lambda key: h5py.ExternalLink(".", f"/{key}")),
    "empty": partial(other_object, make=lambda key: h5py.Empty("f8")),
    "absurd": partial(declared, rows=ABSURD, begun=False),
    "absurd and begun": partial(declared, rows=ABSURD, begun=True),
    "swollen": partial(declared, rows=0, begun=True),
    "giant frames": giant_frames,
    "virtual of itself": partial(virtual, source="."),
    "virtual of nothing": partial(virtual, source="gone.h5"),
    "ragged": partial(special, make=ragged),
    "broken texts": partial(special, make=texts),
    "references": partial(special, make=references),
    "enumeration": partial(special, make=enumeration),
    "opaque": partial(special, make=opaque),
    "attributes gone": partial(other_attribute, value=None),
    "attributes are texts": partial(other_attribute, value="some text"),
    "attributes are broken texts": partial(other_attribute, value=np.bytes_(b"\xff\xfe\x00")),
    "attributes are numbers": partial(other_attribute, value=-1.5),
    "attributes are no numbers": partial(other_attribute, value=np.nan),
    "attributes are arrays": partial(other_attribute, value=np.arange(6.0).reshape(2, 3)),
    "attributes are empty": partial(other_attribute, value=h5py.Empty("f8")),
    "attributes are empty arrays": partial(other_attribute, value=np.zeros(0)),
    "units: unknown": partial(units, value="furlong"),
    "units: numbers": partial(units, value=3),
    "units: texts": partial(units, value=["m", "mm"]),
}
"""By name: what becomes of a file."""
