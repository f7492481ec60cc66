"""Find the writer of a scan's format by its name or by the ending of a file.

A format is one module in `ptygui/io/writers/scans/` with a class decorated by `register_scan_writer`; nothing
else has to be touched to add one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from ptygui.core.events import Progress
from ptygui.core.scan import Scan


class ScanWriter(Protocol):
    """Writes scans in one format."""

    name: ClassVar[str]
    """What the user types, 'cxi'."""
    title: ClassVar[str]
    """What the format is called in a sentence."""
    endings: ClassVar[tuple[str, ...]]
    """Of files that are written in this format unless another is asked for; the first is the usual one."""
    holds: ClassVar[frozenset[str]]
    """What it has a place for, in the words of writers.contents."""
    wants: ClassVar[tuple[str, ...]]
    """What programs that read it cannot do without, in the same words."""
    needs_metres: ClassVar[bool]
    """Positions are lengths in it, so that nothing can be written where the geometry is unknown."""

    def targets(self, path: Path) -> tuple[Path, ...]:
        """Name the files that it writes when asked for `path`."""
        ...

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write into the places of `targets`, which are new and temporary; closing the iterator ends it.

        Patterns pass through in batches, so that memory does not depend on their number.

        Raises
        ------
        OSError
            If something cannot be written.
        ScanError
            If the scan's own file cannot be read.
        """
        ...


WriterClass = TypeVar("WriterClass", bound=type[ScanWriter])
_writers: dict[str, ScanWriter] = {}


def register_scan_writer(cls: WriterClass) -> WriterClass:
    """Class decorator: make a writer known under its name."""
    _writers[cls.name] = cls()
    return cls


def list_scan_writers() -> list[ScanWriter]:
    """Return all writers, one for each module in `ptygui.io.writers.scans`, by name."""
    package = importlib.import_module("ptygui.io.writers.scans")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return [_writers[name] for name in sorted(_writers)]
