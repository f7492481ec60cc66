"""Where an HDF5 file says that it comes from: the beamline, the facility, else the program that wrote it.

The names stand where NeXus and CXI have them: NXinstrument and NXsource have a `name`, an entry has a
`program_name` (NeXus class definitions; CXI file format, version 1.6), a process a `program`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.hdf5_values import text

_ENTRIES = "entry_1", "entry", "entry0", "entry_0001"
_INSTRUMENTS = "instrument_1/name", "instrument/name"
_SOURCES = "instrument_1/source_1/name", "instrument/source/name", "source/name"
_PROGRAMS = "program_name", "process_1/program"
_LONGEST = 60
"""Of a name that is worth showing."""


def origin_of(path: Path) -> str:
    """Return e.g. 'NanoMAX, MAX IV'; empty if it is no HDF5 file or does not say. Never raises."""
    try:
        with hdf5.open_hdf5(path) as file:
            told = [name for name in (_first(file, _INSTRUMENTS), _first(file, _SOURCES)) if name]
            return ", ".join(dict.fromkeys(told)) or _first(file, _PROGRAMS)
    except ScanError:
        return ""


def _first(file: h5py.File, places: tuple[str, ...]) -> str:
    return next((name for name in _names(file, places) if name), "")


def _names(file: h5py.File, places: tuple[str, ...]) -> Iterator[str]:
    for entry in _ENTRIES:
        if hdf5.linked(file, entry):
            yield from (" ".join(text(file, f"{entry}/{place}").split())[:_LONGEST] for place in places)
