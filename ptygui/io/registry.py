"""Find the reader of a file by its content.

A format is one module in `ptygui/io/readers/` with a class decorated by `register_reader`; nothing else
has to be touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

import msgspec

from ptygui.core.errors import IncompleteScanError, ScanError, UnknownHdf5Error
from ptygui.core.interpret import interpret
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.prepare import apply_steps
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.io import archive, hdf5
from ptygui.io.canonical import without_empty_probe
from ptygui.io.file_origin import origin_of
from ptygui.io.mapped import read_mapped
from ptygui.io.positions.apart import with_positions_apart
from ptygui.io.step_files import StepFiles
from ptygui.io.temporary import Report, silent


class Reader(Protocol):
    """Reads one format."""

    name: ClassVar[str]
    """What the format is called, for the user."""
    extensions: ClassVar[tuple[str, ...]]
    """Usual endings, e.g. ('.npz',): they only decide whom to ask first and what dialogs offer.

    More class variables may be set. `folders = True`: it is asked of folders too. `last = True`: it
    knows little of what it reads, a detector's bare frames, so that all others are asked before it.
    `first = True`: what it knows the user told it, so that it is asked before all others.
    """

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


def open_raw(path: Path | str, report: Report = silent, mapping: Mapping | None = None) -> RawScan:
    """Open a file of any known format, or an HDF5 file by a mapping; it is not interpreted yet.

    Parameters
    ----------
    path : Path
        The file; for formats of several files, any of them; for single frames the folder.
    report : Report
        Told the share that is unpacked of a compressed file; may raise `Cancelled`.
    mapping : Mapping or None
        Where things are, if the user said so.

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
        raw = reader_of(path).read(path, report) if mapping is None else read_mapped(path, mapping)
        return replace(without_empty_probe(raw), origin=raw.origin or origin_of(path))


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
    return prepare(open_raw(path, report, preparation.mapping), preparation, report)


def prepare(raw: RawScan, preparation: Preparation, report: Report = silent) -> Scan:
    """Interpret what a file holds and apply the steps; raises ScanError, with the file's name.

    Relative paths in steps begin at the folder of the patterns; `report` is told how far a step is that must
    look at all patterns, and may raise `Cancelled`.
    """
    with naming(Path(raw.path).name):
        return apply_steps(begin(raw, preparation), preparation.steps, step_files(raw), report)


def begin(raw: RawScan, preparation: Preparation) -> Scan:
    """Interpret what a file holds; the steps are not applied yet. Raises ScanError."""
    if preparation.reading.positions_file is not None:
        raw = with_positions_apart(raw, preparation.reading.positions_file)
    return _remembering(preparation.mapping, interpret(raw, preparation.reading))


def step_files(raw: RawScan) -> StepFiles:
    """Return what reads the files that steps name: relative paths begin at the folder of the patterns."""
    path = Path(raw.path)
    return StepFiles(path if path.is_dir() else path.parent)


def _remembering(mapping: Mapping | None, scan: Scan) -> Scan:
    """Return the scan that knows how its file was opened."""
    kept = msgspec.structs.replace(scan.metadata.preparation, mapping=mapping)
    return replace(scan, metadata=replace(scan.metadata, preparation=kept))


def reader_of(path: Path) -> Reader:
    """Return the reader that knows a file or folder by its content; those of its ending are asked first.

    Raises
    ------
    ScanError
        If there is none.
    """
    is_folder = path.is_dir()
    readers = [reader for reader in list_readers() if not is_folder or getattr(reader, "folders", False)]
    for reader in sorted(readers, key=lambda reader: _place_in_queue(reader, path)):
        if reader.sniff(path):
            return reader
    if is_folder:
        raise ScanError(
            f"{path} is a folder without a series of single frames: choose the scan's file inside it."
        )
    text = f"{path.name} {_why_unknown(path)}"
    raise UnknownHdf5Error(text, str(path)) if hdf5.has(path) else ScanError(text)


def _place_in_queue(reader: Reader, path: Path) -> tuple[bool, bool, bool]:
    ending = path.name.lower().endswith(reader.extensions)
    return not getattr(reader, "first", False), getattr(reader, "last", False), not ending


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Say what is wrong inside a file with the file's name."""
    try:
        yield
    except IncompleteScanError as error:
        if _names(error, name):
            raise
        raise IncompleteScanError(f"{name}: {error}", error.lacks) from error
    except ScanError as error:
        if _names(error, name):
            raise
        raise ScanError(f"{name}: {error}") from error


def _names(error: ScanError, name: str) -> bool:
    """Tell whether a sentence names the file; many begin with the scan's name, which is the file's stem."""
    return name in str(error) or str(error).startswith(f"{Path(name).stem} ")


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            return
        if not path.exists():
            raise ScanError(f"There is no file {path}.")
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise ScanError(f"{path} cannot be read: {error.strerror or error}.") from error
    if empty:
        raise ScanError(f"{path.name} is empty: copy it again from where it was measured.")


def _why_unknown(path: Path) -> str:
    return (
        hdf5.why_no_scan(path)
        or archive.why_no_scan(path)
        or f"is in no format that ptygui reads{_expected(path)}."
    )


def _expected(path: Path) -> str:
    """Name the formats of files that are called so."""
    likely = [reader.name for reader in list_readers() if path.name.lower().endswith(reader.extensions)]
    return f" (with this ending: {', '.join(likely)})" if likely else ""
