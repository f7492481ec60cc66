"""Saving the stages of a result, each under its name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, get_args

from ptygui.core.errors import ExportError
from ptygui.core.events import METRIC_FORMATS, ExportFormat, Reconstruction, Stage

if TYPE_CHECKING:
    from ptygui.core.scan import Scan

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
USUAL: tuple[ExportFormat, ...] = ("tiff", "png", "npz", "product")
"""What is written unless formats are chosen."""


@dataclass(frozen=True)
class Saving:
    """Where and how results are saved."""

    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    overwrite: bool
    stages: tuple[Stage, ...] = get_args(Stage)
    """Which of a result's are saved."""

    @classmethod
    def of(
        cls,
        scan: Scan,
        folder: Path,
        formats: Sequence[ExportFormat] | None,
        *,
        overwrite: bool,
        stages: tuple[Stage, ...],
    ) -> Saving:
        """Take the name from the scan, and the usual formats that it allows unless some are chosen."""
        path = scan.metadata.path
        name = Path(path).name.split(".")[0] if path else scan.metadata.name
        stem = re.sub(r"[^\w.+-]+", "_", name)
        chosen = tuple(formats or possible_formats(scan.metadata.pixel_size_m))
        return cls(folder, stem, chosen, overwrite, stages)

    def refuse_impossible(self, scan: Scan) -> None:
        """Raise ExportError for files that exist and formats that the scan does not allow."""
        metric = [name for name in self.formats if name in METRIC_FORMATS]
        if metric and not scan.metadata.pixel_size_m:
            raise ExportError(
                f"The pixel size of {scan.metadata.name} is not known, and '{metric[0]}' holds lengths in "
                f"metres: leave {' and '.join(map(repr, metric))} out of --formats."
            )
        refuse_existing(self.targets(), overwrite=self.overwrite)

    def targets(self) -> list[Path]:
        """Name the files of all stages."""
        from ptygui.io.export import export_targets

        stems = map(self._stem, self.stages)
        return [path for stem in stems for path in export_targets(self.folder, stem, self.formats)]

    def save(self, result: Reconstruction) -> list[Path]:
        """Write the stages that are there; raises ExportError."""
        from ptygui.jobs.api import ExportRequest, export

        requests = [
            ExportRequest(
                result, stage.stage, self.folder, self._stem(stage.stage), self.formats, self.overwrite
            )
            for stage in result.stages
            if stage.stage in self.stages
        ]
        return [file for request in requests for file in export(request)]

    def _stem(self, stage: Stage) -> str:
        return f"{self.stem}_{stage}"


def refuse_existing(files: Iterable[Path], *, overwrite: bool) -> None:
    """Raise ExportError if one of the files exists and may not be replaced."""
    existing = [] if overwrite else [file for file in files if os.path.lexists(file)]
    if existing:
        raise ExportError(
            f"{existing[0]} exists already: choose another folder, or replace it with --overwrite."
        )


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Make a folder and try to write in it before the block; folders made in vain are removed after it.

    Results that cannot be written are lost, so this comes before the work. Raises ExportError.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        _make(folder)
        _try_to_write(folder)
        yield
    finally:
        for path in made:
            with suppress(OSError):  # it is not empty, as it should be
                path.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "a file is in its place" if isinstance(error, FileExistsError) else error.strerror
        raise ExportError(f"The folder {folder} cannot be made ({reason}): choose another.") from error


def _try_to_write(folder: Path) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ExportError(
            f"Nothing can be written in {folder} ({error.strerror}): choose another folder."
        ) from error


def possible_formats(pixel_size_m: tuple[float, float] | None) -> tuple[ExportFormat, ...]:
    """Return the usual formats without those that hold lengths if the geometry is unknown."""
    return USUAL if pixel_size_m else tuple(name for name in USUAL if name not in METRIC_FORMATS)
