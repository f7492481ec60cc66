"""Put the positions of a file of their own in the place of those beside the patterns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import PositionColumns
from ptygui.io.positions import arrays, delimited, mda, orchestra, softglue, spec, velociprobe
from ptygui.io.positions.table import PositionTable

_FORMATS = (spec, softglue, orchestra, velociprobe, arrays, mda, delimited)
"""The more specific ones first."""
_START_BYTES = 8192


def preview_positions(path: Path, scan: int | None = None) -> PositionTable:
    """Read a file of positions: all columns, and which of them are likely x and y, in which unit.

    Parameters
    ----------
    path : Path
        CSV or other delimited text, the .dat of orchestra or softGlueZynq, Velociprobe's CSV, a SPEC file,
        EPICS MDA, NumPy's .npy or .npz.
    scan : int or None
        Number of the scan in a file of several (SPEC); None: the last one.

    Raises
    ------
    ScanError
        If there is no such file, or no table of positions in it.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path}: choose where the positions are.") from error
    except OSError as error:
        raise ScanError(f"{path} cannot be read: {error.strerror or error}.") from error
    for kind in _FORMATS:
        if kind.sniff(start):
            table: PositionTable = kind.read(path, scan)
            return table
    raise ScanError(
        f"{path.name} has no positions that ptygui reads: expected is a table in text (CSV, TXT, .dat), a "
        "SPEC file, EPICS MDA, or NumPy's .npy or .npz."
    )


def with_positions_apart(raw: RawScan, columns: PositionColumns) -> RawScan:
    """Return the scan with the positions that `columns` names.

    Unit and orientation are then those of that file, where it tells them; a relative path starts at the
    folder of the patterns. A reference object of the old positions is left out.

    Raises
    ------
    ScanError
        If the file or a column is not there.
    """
    path = Path(columns.path)
    if not path.is_absolute():
        home = Path(raw.path)
        path = (home if home.is_dir() else home.parent) / path
    table = preview_positions(path, columns.scan)
    x, y = table.chosen(columns)
    return with_table(raw, table, path.name, x, y)


def with_positions_beside(raw: RawScan, path: Path | None) -> RawScan:
    """Return the scan with the positions that its reader found beside it; a note says if they are faulty."""
    if path is None:
        return raw
    raw = replace(raw, companions=(*raw.companions, str(path)))
    try:
        return with_table(raw, preview_positions(path), path.name)
    except ScanError as error:
        return replace(raw, notes=(*raw.notes, f"The positions beside it were left out: {error}"))


def with_table(
    raw: RawScan, table: PositionTable, name: str, x: int | None = None, y: int | None = None
) -> RawScan:
    """Return the scan with the positions of a table, by default of the columns that are likely meant."""
    positions, unit = table.positions(table.x if x is None else x, table.y if y is None else y)
    notes = (f"The positions come from {name} ({table.format}).", *table.notes)
    if table.tilted and (chi := raw.extra.get("chi_deg")):
        positions = positions - positions.mean(axis=0)
        positions = positions * np.array([1.0, math.cos(math.radians(chi))])
        notes = (*notes, f"x was shortened by the cosine of the sample's rotation, {chi:g} degrees.")
    stated = msgspec.structs.replace(
        raw.stated, position_unit=unit, positions_orientation=table.orientation, positions_file=None
    )
    return replace(
        raw,
        positions=positions,
        stated=stated,
        guesses=tuple(guess for guess in raw.guesses if guess.field not in _OF_POSITIONS),
        reference_object=None,
        notes=(*raw.notes, *notes),
    )


_OF_POSITIONS = ("position_unit", "positions_orientation")
