"""Find the reader of a result by the file's content.

A format is one module in `ptygui/io/results/` with a class decorated by `register_result_reader`; nothing
else has to be touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction
from ptygui.io import hdf5
from ptygui.io.archive import peek_keys
from ptygui.io.provenance import Provenance
from ptygui.io.result_checks import ResultError


class ResultReader(Protocol):
    """Reads the results of one format: what ptygui or another program made of a scan."""

    name: ClassVar[str]
    """What the format is called, for the user."""
    extensions: ClassVar[tuple[str, ...]]
    """Usual endings, e.g. ('.ptyr',): they only decide whom to ask first and what dialogs offer."""

    def sniff(self, path: Path) -> bool:
        """Tell from the content, quickly and without raising, whether this is the reader's format."""
        ...

    def read(self, path: Path) -> Reconstruction:
        """Read object, probe and positions in the canonical form of core.scan.

        Raises
        ------
        ResultError, ScanError
            In one sentence: file, key, what was expected, what to do.
        """
        ...


@runtime_checkable
class RecordedResult(Protocol):
    """What a reader of files that ptygui writes can do besides."""

    def record(self, path: Path) -> Provenance | None:
        """Tell quickly how the result came about; None if ptygui did not write it. Raises ScanError."""
        ...


ReaderClass = TypeVar("ReaderClass", bound=type[ResultReader])
_readers: dict[str, ResultReader] = {}


def register_result_reader(cls: ReaderClass) -> ReaderClass:
    """Class decorator: make a reader known under its name."""
    _readers[cls.name] = cls()
    return cls


def list_result_readers() -> list[ResultReader]:
    """Return all readers, one for each module in `ptygui.io.results`, by name."""
    package = importlib.import_module("ptygui.io.results")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [_readers[name] for name in sorted(_readers)]


def find_result_reader(path: Path) -> ResultReader | None:
    """Return the reader that knows a file by its content, those of its ending first; None if none does."""
    readers = list_result_readers()
    readers.sort(key=lambda reader: not path.name.lower().endswith(reader.extensions))
    return next((reader for reader in readers if reader.sniff(path)), None)


def result_reader_of(path: Path) -> ResultReader:
    """Return the reader that knows a file by its content.

    Raises
    ------
    ResultError
        If there is none; it tells what the file is instead.
    OSError
        If the file cannot be read at all.
    """
    with path.open("rb"):
        pass  # a missing file or one that must not be read is told from what is no result
    reader = find_result_reader(path)
    if reader is None:
        raise ResultError(f"{path.name} {_why_unknown(path)}")
    return reader


def _why_unknown(path: Path) -> str:
    known = ", ".join(reader.name for reader in list_result_readers())
    keys = peek_keys(path)
    if not keys:
        try:
            with hdf5.open_hdf5(path) as file:
                keys = {str(key) for key in file}  # h5py gives bytes for damaged names
        except ScanError:
            return f"is no result, or a damaged one: ptygui reads {known}."
    return f"is no result that ptygui reads (it has {', '.join(sorted(keys)) or 'nothing'}): choose {known}."
