"""Mappings that are kept under a name: those that come with ptygui, and the user's own.

Each is a TOML file (io.mapping). The user's lie in a folder of theirs and come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np

from ptygui.core.atomic import replacing
from ptygui.core.errors import PresetError, PresetExistsError, ScanError
from ptygui.core.mapping import Mapping, Sniff
from ptygui.core.raw import RawScan
from ptygui.io import hdf5
from ptygui.io.mapped import read_mapped
from ptygui.io.mapped_places import matching, text_of
from ptygui.io.mapping import from_toml, to_toml
from ptygui.io.user_files import VISIBLE_TOML, file_of
from ptygui.io.user_files import user_folder as folder_of
from ptygui.resources import resource_path


@dataclass(frozen=True)
class Preset:
    """A mapping that is kept, and where."""

    mapping: Mapping
    path: Path
    shipped: bool


@dataclass(frozen=True)
class Presets:
    """Some presets, and a sentence for each file that is none."""

    presets: tuple[Preset, ...]
    faults: tuple[str, ...] = ()

    def find(self, path: Path) -> Preset | None:
        """Return the preset that knows a file, of several the weightiest; never raises."""
        try:
            with hdf5.open_hdf5(path) as file:
                known = [preset for preset in self.presets if _knows(preset.mapping.sniff, file)]
        except (ScanError, OSError):
            return None
        return max(known, key=lambda preset: preset.mapping.sniff.weight, default=None)


def user_folder() -> Path:
    """Return the folder of the user's own presets; it need not exist."""
    return folder_of("presets")


def own_presets(folder: Path | None = None) -> Presets:
    """Read the user's own; one that is faulty is left out and told.

    Parameters
    ----------
    folder : Path or None
        Where they lie; None: the usual folder.
    """
    return _read_all(folder or user_folder(), shipped=False)


def shipped_presets() -> Presets:
    """Read those that come with ptygui; raises ResourceError if they are missing."""
    return _read_all(resource_path("presets"), shipped=True)


def list_presets(folder: Path | None = None) -> Presets:
    """Return all: the user's own, then the shipped."""
    own, shipped = own_presets(folder), shipped_presets()
    return Presets(own.presets + shipped.presets, own.faults + shipped.faults)


def read_by_preset(path: Path, presets: Presets) -> RawScan:
    """Read a file by the preset that knows it best; faulty presets are told in the notes.

    Raises
    ------
    ScanError
        If none knows it, or it is not as the preset says.
    """
    preset = presets.find(path)
    if preset is None:
        raise ScanError(f"{path.name} is known by no preset: open it by hand.")
    raw = read_mapped(path, preset.mapping)
    return replace(raw, notes=(*raw.notes, *presets.faults))


def _read_all(folder: Path, *, shipped: bool) -> Presets:
    presets: list[Preset] = []
    faults: list[str] = []
    for path in sorted(folder.glob(VISIBLE_TOML)):
        try:
            presets.append(Preset(_read(path), path, shipped))
        except ScanError as error:
            faults.append(f"{error} It was left out.")
    return Presets(tuple(presets), tuple(faults))


def save_preset(mapping: Mapping, folder: Path | None = None, *, overwrite: bool = False) -> Path:
    """Keep a mapping under its name among the user's own; returns its file.

    Raises
    ------
    PresetExistsError
        If there is one of that name and `overwrite` is False.
    PresetError
        If the file cannot be written.
    """
    folder = folder or user_folder()
    path = file_of(mapping.name, folder)
    if path.exists() and not overwrite:
        raise PresetExistsError(f"There is a preset {mapping.name} already ({path}): choose another name.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(to_toml(mapping), encoding="utf-8")
    except OSError as error:
        raise PresetError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def _knows(sniff: Sniff, file: h5py.File) -> bool:
    if sniff.weight == 0:
        return False
    keys = all(any(_has(file, key) for key in words.split("|")) for words in sniff.keys)
    return keys and all(wanted in _values(file, where) for where, wanted in sniff.values.items())


def _has(file: h5py.File, key: str) -> bool:
    return next(matching(file, key.strip(" /")), None) is not None


def _values(file: h5py.File, where: str) -> Iterator[str | float]:
    """Yield the value under 'key' or 'key@attribute', as text and, if it is one, as a number."""
    key, _, attribute = where.partition("@")
    try:
        value = file[key or "/"].attrs[attribute] if attribute else _single(file, key)
        found = np.asarray(value)
    except (KeyError, OSError, RuntimeError, ValueError, TypeError, ScanError):
        return
    if found.size == 1 and found.dtype.kind in "buif":
        yield float(found.reshape(-1)[0])
    elif found.size:
        yield text_of(found)


def _single(file: h5py.File, key: str) -> object:
    found = hdf5.dataset(file, key)
    if found.size != 1:
        raise ValueError("no single value")
    return found[()]


def _read(path: Path) -> Mapping:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScanError(f"The preset {path} cannot be read: {error}.") from error
    return from_toml(text, f"The preset {path}")
