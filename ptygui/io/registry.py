"""Find the reader of a file by its content.

A format is one module in `ptygui/io/readers/` with a class decorated by `register_reader`; nothing else
has to be touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from ptygui.core.errors import ScanError
from ptygui.core.scan import Scan
from ptygui.io import archive, hdf5
from ptygui.io.canonical import check_extent, without_empty_probe
from ptygui.io.temporary import Report, silent


class Reader(Protocol):
    """Reads one format."""

    name: ClassVar[str]
    """What the format is called, for the user."""
    extensions: ClassVar[tuple[str, ...]]
    """Usual endings, e.g. ('.npz',): they only decide whom to ask first and what dialogs offer."""

    def sniff(self, path: Path) -> bool:
        """Tell from the content, quickly and without raising, whether this is the reader's format."""
        ...

    def open(self, path: Path, report: Report = silent) -> Scan:
        """Open a scan without reading its patterns; if they must be unpacked once, `report` is told how far.

        Raises
        ------
        ScanError
            In one sentence: file, key, what was expected, what to do.
        """
        ...


ReaderClass = TypeVar("ReaderClass", bound=type[Reader])
_readers: dict[str, Reader] = {}


def register_reader(cls: ReaderClass) -> ReaderClass:
    """Class decorator: make a reader known under its name."""
    _readers[cls.name] = cls()
    return cls


def list_readers() -> list[Reader]:
    """Return all readers, one for each module in `ptygui.io.readers`, by name."""
    package = importlib.import_module("ptygui.io.readers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [_readers[name] for name in sorted(_readers)]


def open_scan(path: Path | str, report: Report = silent) -> Scan:
    """Open a scan of any known format.

    Parameters
    ----------
    path : Path
        The file; for formats of several files, any of them.
    report : Report
        Told the share that is unpacked of a compressed file; may raise `Cancelled`.

    Raises
    ------
    Cancelled
        By `report`; nothing is left behind then.
    ScanError
        If there is no such file, no reader knows it, or its reader finds it faulty.
    """
    path = Path(path)
    _check_file(path)
    readers = sorted(list_readers(), key=lambda reader: not path.name.lower().endswith(reader.extensions))
    for reader in readers:
        if reader.sniff(path):
            return _opened(reader, path, report)
    raise ScanError(f"{path.name} {_why_unknown(path)}")


def _opened(reader: Reader, path: Path, report: Report) -> Scan:
    """Open by a reader; what is wrong with the scan in a file is said with the file's name."""
    try:
        return without_empty_probe(check_extent(reader.open(path, report)))
    except ScanError as error:
        if path.name in str(error):
            raise
        raise ScanError(f"{path.name}: {error}") from error


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise ScanError(f"{path} is a folder: choose the scan's file inside it.")
        if not path.exists():
            raise ScanError(f"There is no file {path}.")
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise ScanError(f"{path} cannot be read: {error.strerror or error}.") from error
    if empty:
        raise ScanError(f"{path.name} is empty: copy it again from where it was measured.")


def _why_unknown(path: Path) -> str:
    known = ", ".join(reader.name for reader in list_readers())
    return (
        hdf5.why_no_scan(path) or archive.why_no_scan(path) or f"is in no format that ptygui reads ({known})."
    )
