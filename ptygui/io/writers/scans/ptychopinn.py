"""PtychoPINN's .npz, through writers.ptychopinn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.ptychopinn import write_ptychopinn_into
from ptygui.io.writers.scan_registry import register_scan_writer


@register_scan_writer
class PtychoPinnWriter:
    """One file with everything but dark, flat field and monitor."""

    name: ClassVar[str] = "ptychopinn"
    title: ClassVar[str] = "PtychoPINN .npz"
    endings: ClassVar[tuple[str, ...]] = (".npz",)
    holds: ClassVar[frozenset[str]] = contents.GEOMETRY | {
        contents.PATTERNS,
        contents.POSITIONS,
        contents.PROBE,
        contents.OBJECT,
        contents.BAD_PIXELS,
        contents.PIXEL_SIZE,
        contents.HISTORY,
    }
    wants: ClassVar[tuple[str, ...]] = (contents.PROBE,)
    needs_metres: ClassVar[bool] = False

    def targets(self, path: Path) -> tuple[Path, ...]:
        """One file."""
        return (path,)

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write in batches."""
        yield from write_ptychopinn_into(scan, paths[0])
