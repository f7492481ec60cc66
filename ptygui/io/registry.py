"""Find the reader of a file by its content.

A format is one module in `ptygui/io/readers/` with a class decorated by `register_reader`; nothing else
has to be touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.interpret import interpret
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.io import archive, hdf5
from ptygui.io.canonical import without_empty_probe
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

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Say what the file holds, as it holds it, without reading its patterns.

        If they must be unpacked once, `report` is told how far.

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


def open_raw(path: Path | str, report: Report = silent) -> RawScan:
    """Open a file of any known format; what it holds is not interpreted yet.

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
    with naming(path.name):
        return without_empty_probe(reader_of(path).read(path, report))


def open_scan(path: Path | str, report: Report = silent, preparation: Preparation = Preparation()) -> Scan:
    """Open a scan of any known format and prepare it.

    Parameters
    ----------
    path, report
        As for `open_raw`.
    preparation : Preparation
        What the user chose of how the file is read, and the steps after it.

    Raises
    ------
    Cancelled
        By `report`; nothing is left behind then.
    IncompleteScanError
        If the file does not tell something that is needed; `preparation` can tell it.
    ScanError
        If there is no such file, no reader knows it, or it is faulty.
    """
    return prepare(open_raw(path, report), preparation)


def prepare(raw: RawScan, preparation: Preparation) -> Scan:
    """Interpret what a file holds and prepare it; raises ScanError, with the file's name."""
    with naming(Path(raw.path).name):
        return interpret(raw, preparation.reading)


def reader_of(path: Path) -> Reader:
    """Return the reader that knows a file by its content; those of its ending are asked first.

    Raises
    ------
    ScanError
        If there is none.
    """
    readers = sorted(list_readers(), key=lambda reader: not path.name.lower().endswith(reader.extensions))
    for reader in readers:
        if reader.sniff(path):
            return reader
    raise ScanError(f"{path.name} {_why_unknown(path)}")


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Say what is wrong inside a file with the file's name."""
    try:
        yield
    except IncompleteScanError as error:
        if name in str(error):
            raise
        raise IncompleteScanError(f"{name}: {error}", error.lacks) from error
    except ScanError as error:
        if name in str(error):
            raise
        raise ScanError(f"{name}: {error}") from error


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
