"""Positions of a scan in a SPEC file (Certified Scientific Software's standard data file).

`#S <number> <command>` begins a scan, `#L` names its columns, separated by two blanks or more, lines that
begin with `@` hold spectra, and the others one point each. A file holds many scans.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ptygui.core.errors import ScanError
from ptygui.io.positions.table import PositionTable, table_of
from ptygui.io.positions.text import Layout, complete_lines, numbers, read_text


@dataclass
class _SpecScan:
    number: int
    command: list[str]
    first_line: int
    names: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)


def sniff(start: bytes) -> bool:
    """Tell by the first line: of a file, or of a scan."""
    return re.match(rb"\s*#(F \S|S \d+ )", start) is not None


def read(path: Path, scan: int | None = None) -> PositionTable:
    """Read one scan's table; raises ScanError if there is none.

    Parameters
    ----------
    path : Path
    scan : int or None
        Its number; None: the last one that has points.
    """
    scans = [one for one in _scans(complete_lines(read_text(path))) if len(one.names) > 1 and one.rows]
    if not scans:
        raise ScanError(f"{path.name} is a SPEC file, but no scan in it has points with two columns.")
    chosen = [one for one in scans if scan in (None, one.number)]
    if not chosen:
        there = ", ".join(str(one.number) for one in scans)
        raise ScanError(f"{path.name} has no scan {scan} with points; it has {there}.")
    return _table(path.name, chosen[-1], several=len(scans) > 1)


def _scans(lines: list[str]) -> list[_SpecScan]:
    scans: list[_SpecScan] = []
    spectrum = False
    for number, line in enumerate(lines, 1):
        if begin := re.match(r"#S\s+(\d{1,9})\s*(.*)", line):
            scans.append(_SpecScan(int(begin.group(1)), begin.group(2).split(), number))
        elif scans and line.startswith("#L"):
            scans[-1].names = [name for name in re.split(r"\s{2,}|\t", line[2:].strip()) if name]
        elif scans and not spectrum and line.strip() and not line.startswith(("#", "@")):
            scans[-1].rows.append(line)
        spectrum = (spectrum or line.startswith("@")) and line.endswith("\\")
    return scans


def _table(name: str, scan: _SpecScan, several: bool) -> PositionTable:
    label = f"{name}, scan {scan.number}"
    values = numbers(scan.rows, Layout(None, len(scan.names)), label)
    motors = [scan.names.index(word) for word in scan.command[1:] if word in scan.names]
    told = {"x": motors[0], "y": motors[1]} if len(set(motors)) == 2 else {}
    words = f"The positions are those of scan {scan.number} of {name}: {' '.join(scan.command)}."
    return table_of("SPEC", scan.names, values, notes=(words,) if several else (), **told)
