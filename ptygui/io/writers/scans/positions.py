"""The positions of a scan alone, as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.writers.contents import POSITIONS
from ptygui.io.writers.positions_csv import write_positions
from ptygui.io.writers.scan_registry import register_scan_writer


@register_scan_writer
class PositionsWriter:
    """A table with the unit in its header."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "A CSV table"
    endings: ClassVar[tuple[str, ...]] = (".csv",)
    holds: ClassVar[frozenset[str]] = frozenset({POSITIONS})
    wants: ClassVar[tuple[str, ...]] = ()
    needs_metres: ClassVar[bool] = False

    def targets(self, path: Path) -> tuple[Path, ...]:
        """One file."""
        return (path,)

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write the table at once."""
        write_positions(paths[0], scan.positions_px, scan.metadata.pixel_size_m)
        yield Progress("Writing the positions", len(scan), len(scan), "positions")
