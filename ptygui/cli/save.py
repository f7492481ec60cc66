"""Saving both stages of a reconstruction, each under its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ptygui.core.errors import ExportError
from ptygui.core.events import ExportFormat, Reconstruction, Stage

if TYPE_CHECKING:
    from ptygui.core.scan import Scan

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)


@dataclass(frozen=True)
class Saving:
    """Where and how results are saved."""

    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    overwrite: bool

    @classmethod
    def of(
        cls, scan: Scan, folder: Path, formats: Sequence[ExportFormat] | None, *, overwrite: bool
    ) -> Saving:
        """Take the name from the scan, and all formats that it allows unless some are chosen."""
        path = scan.metadata.path
        name = Path(path).name.split(".")[0] if path else scan.metadata.name
        stem = re.sub(r"[^\w.+-]+", "_", name)
        return cls(folder, stem, tuple(formats or possible_formats(scan.metadata.pixel_size_m)), overwrite)

    def refuse_existing(self) -> None:
        """Raise ExportError if a file that would be written exists: before the work, not after it."""
        from ptygui.io.export import export_targets
        from ptygui.io.new_file import refuse_existing

        for stage in get_args(Stage):
            for path in export_targets(self.folder, self._stem(stage), self.formats):
                refuse_existing(path, overwrite=self.overwrite)

    def save(self, result: Reconstruction) -> list[Path]:
        """Write every stage; raises ExportError."""
        from ptygui.jobs.api import ExportRequest, export

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(f"{self.folder} cannot be made: {error.strerror or error}.") from error
        requests = [
            ExportRequest(
                result, stage.stage, self.folder, self._stem(stage.stage), self.formats, self.overwrite
            )
            for stage in result.stages
        ]
        return [file for request in requests for file in export(request)]

    def _stem(self, stage: Stage) -> str:
        return f"{self.stem}_{stage}"


def possible_formats(pixel_size_m: tuple[float, float] | None) -> tuple[ExportFormat, ...]:
    """Return all formats; a product holds lengths in metres, so not it if the geometry is unknown."""
    return FORMATS if pixel_size_m else tuple(name for name in FORMATS if name != "product")
