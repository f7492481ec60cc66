"""From the places of a mapping to files, keys, arrays and numbers."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Place, Value, parse_part
from ptygui.io import hdf5

MAX_FILES = 100_000


def find_files(opened: Path, pattern: str) -> list[Path]:
    """Return the files that a place names beside the one that was opened, in the order of their numbers.

    Raises
    ------
    ScanError
        If there is none.
    """
    if not pattern:
        return [opened]
    folder = opened.absolute().parent
    number = max(re.findall(r"\d+", opened.name), key=len, default="")
    fill = {"{stem}": opened.stem, "{number}": number, "{name}": opened.name}
    for word, meaning in fill.items():
        pattern = pattern.replace(word, glob.escape(meaning))
    full = Path(glob.escape(str(folder)), pattern)
    if "**" in full.parts:
        raise ScanError(f"{opened.name}: '**' would search whole disks: name the folders of {pattern}.")
    base = Path(full.anchor)
    found = list(islice(base.glob(str(full.relative_to(base))), MAX_FILES))
    if not found:
        raise ScanError(
            f"{opened.name} needs {pattern}, which is missing in {folder}: put it there or choose "
            "another file."
        )
    return sorted(found, key=lambda path: natural(path.name))


def natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts 'data_10' behind 'data_9'."""
    return [(int(word or 0), text) for text, word in re.findall(r"(\D*)(\d*)", name)]


def find_keys(file: h5py.File, place: Place, what: str) -> list[str]:
    """Return the keys of a place in a file: of its alternatives the first that is there.

    Raises
    ------
    ScanError
        If none is.
    """
    for key in place.keys:
        found = list(islice(matching(file, key.strip("/") or key), MAX_FILES))
        if found:
            return sorted(found, key=natural)
    asked = " or ".join(place.keys) or "(none was chosen)"
    raise ScanError(
        f"{hdf5.name(file)} has no {asked}, where the {what} should be; {_nearest(file, place.keys)}: choose "
        "another key."
    )


def matching(file: h5py.File, key: str) -> Iterator[str]:
    """Yield the keys of a file that a key with '*' and '?' may mean, in the file's order; never raises."""
    if not any(sign in key for sign in "*?"):
        if _is_there(file, key):
            yield key
        return
    parts = key.split("/")
    at = next(index for index, part in enumerate(parts) if "*" in part or "?" in part)
    group = _group(file, "/".join(parts[:at]))
    for name in group or ():
        if fnmatchcase(name, parts[at]):
            yield from matching(file, "/".join([*parts[:at], name, *parts[at + 1 :]]))


def _is_there(file: h5py.File, key: str) -> bool:
    """Tell if a key leads somewhere; a last link that dangles counts, so that its file can be named."""
    try:
        return key == "/" or (bool(key) and hdf5.linked(file, key))
    except (KeyError, OSError, RuntimeError, ValueError):
        return False


def _group(file: h5py.File, key: str) -> Any:
    try:
        found = file[key] if key else file
    except (KeyError, OSError, RuntimeError, ValueError):
        return None
    return found if isinstance(found, h5py.Group) else None


def _nearest(file: h5py.File, keys: tuple[str, ...]) -> str:
    """Say what is in the deepest group of the first key that is there."""
    parts = keys[0].strip("/").split("/")[:-1] if keys else []
    while parts and _group(file, "/".join(parts)) is None:
        parts.pop()
    group = _group(file, "/".join(parts))
    names = list(islice(group or (), 9))
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"/{'/'.join(parts)} has {shown or 'nothing'}"


def read_arrays(opened: Path, place: Place, what: str) -> tuple[list[NDArray[Any]], str]:
    """Read the arrays of a place, the part that is chosen of each, and the unit that the first one tells.

    Raises
    ------
    ScanError
        If files, keys or the part do not exist, or there are no numbers.
    """
    arrays, unit = [], ""
    for path in find_files(opened, place.file):
        with hdf5.open_hdf5(path) as file:
            for key in find_keys(file, place, what):
                arrays.append(_part_of(hdf5.array(file, key), place.part, hdf5.label(file, key)))
                unit = unit or unit_of(file, key)
    return arrays, unit


def _part_of(values: NDArray[Any], text: str, where: str) -> NDArray[Any]:
    try:
        return np.asarray(values[parse_part(text, where)])
    except IndexError as error:
        raise ScanError(f"{where} has the shape {values.shape}: it has no part '{text}'.") from error


def unit_of(file: h5py.File, key: str) -> str:
    """Return what the attribute `units` says, in small letters; empty if nothing."""
    return text_of(file[key].attrs.get("units", file[key].attrs.get("unit", ""))).strip().lower()


def text_of(value: Any) -> str:
    """Return a string of HDF5 as text, of several the first one."""
    found = np.asarray(value).reshape(-1)
    first = found[0] if found.size else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def read_value(opened: Path, value: Value, what: str, units: dict[str, float]) -> tuple[float | None, str]:
    """Read one number in its base unit, and what is to be said of it; None if it is not to be had.

    Parameters
    ----------
    opened : Path
    value : Value
    what : str
        For messages: 'photon energy'.
    units : dict
        Names of units, in small letters, in base units.
    """
    if not value.keys[0]:
        return value.value, ""
    try:
        number, unit = _stored_number(opened, value, what)
    except ScanError as error:
        return value.value, "" if value.value is not None else str(error)
    factor, said = value.multiplier, ""
    if factor is None:
        factor = units.get(unit)
        if factor is None:
            factor = 1.0
            said = f"The unit '{unit}' of the {what} is not known to ptygui." if unit else ""
    return number * factor + value.offset, said


def _stored_number(opened: Path, value: Value, what: str) -> tuple[float, str]:
    if not value.attribute:
        arrays, unit = read_arrays(opened, value, what)
        numbers = arrays[0]
    else:
        with hdf5.open_hdf5(find_files(opened, value.file)[0]) as file:
            key = find_keys(file, value, what)[0]
            attributes, unit = file[key].attrs, ""
            if value.attribute not in attributes:
                raise ScanError(
                    f"{hdf5.label(file, key)} has no attribute {value.attribute} with the {what}."
                )
            numbers = np.asarray(attributes[value.attribute])
        numbers = _part_of(numbers, value.part, f"{opened.name}, attribute {value.attribute},")
    where = f"{opened.name}, key {' or '.join(value.keys)},"
    if numbers.dtype.kind not in "buif" or numbers.size == 0 or not np.isfinite(numbers).any():
        raise ScanError(
            f"{where} must be the {what}, a number, not {numbers.dtype} of shape {numbers.shape}."
        )
    return float(np.median(numbers[np.isfinite(numbers)])), unit
