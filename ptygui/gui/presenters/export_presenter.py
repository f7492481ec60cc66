"""Exporting a result: what can be written, what would be overwritten, what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from ptygui.core.errors import ExportError
from ptygui.core.events import ExportFormat, Reconstruction, Stage
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complaint, complaint_of
from ptygui.gui.presenters.runner import Runner
from ptygui.jobs.api import ExportRequest


@dataclass(frozen=True)
class ExportOptions:
    """What a result allows to write."""

    stem: str
    stages: tuple[Stage, ...]
    metric_refusal: str | None
    """Why no format with lengths can be written (core.events.METRIC_FORMATS), None if they can."""


@dataclass(frozen=True)
class ExportChoice:
    """What the user chose in the dialog."""

    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    stages: tuple[Stage, ...]


class ExportView(Protocol):
    """The export dialog."""

    def show_options(self, options: ExportOptions) -> None:
        """Offer what can be written."""

    def show_writing(self) -> None:
        """Say that files are being written."""

    def ask_overwrite(self, names: Sequence[str]) -> None:
        """Ask whether these files may be replaced; the answer comes as `confirm_overwrite`."""

    def show_written(self, paths: Sequence[Path]) -> None:
        """Say what was written and where."""

    def show_problem(self, complaint: Complaint) -> None:
        """Say why nothing, or not all, was written."""


class ExportPresenter:
    """Decides about one export of one result."""

    def __init__(
        self,
        view: ExportView,
        runner: Runner,
        backend: Backend,
        result: Reconstruction,
        on_written: Callable[[Sequence[Path]], None],
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._result, self._on_written = result, on_written
        self._choice: ExportChoice | None = None
        view.show_options(options_of(result))

    def export(self, choice: ExportChoice) -> None:
        """Write, unless files are there already: then ask first."""
        self._choice = choice
        if not (choice.formats and choice.stages and choice.stem.strip()):
            self._view.show_problem(
                Complaint("Choose at least one picture and one format, and give the files a name.")
            )
            return
        work = partial(self._existing, choice)
        self._runner.call("export", work, self._ask_or_write, self._fail)

    def confirm_overwrite(self) -> None:
        """Replace the files that are there."""
        self._write(overwrite=True)

    def _existing(self, choice: ExportChoice) -> list[str]:
        targets = (
            path for request in self._requests(choice) for path in self._backend.export_targets(request)
        )
        return [path.name for path in targets if path.exists()]

    def _ask_or_write(self, existing: Sequence[str]) -> None:
        if existing:
            self._view.ask_overwrite(existing)
        else:
            self._write(overwrite=False)

    def _write(self, *, overwrite: bool) -> None:
        if self._choice is None:
            return
        self._view.show_writing()
        requests = [replace(request, overwrite=overwrite) for request in self._requests(self._choice)]
        self._runner.call("export", partial(self._export_all, requests), self._tell, self._fail)

    def _requests(self, choice: ExportChoice) -> list[ExportRequest]:
        several = len(choice.stages) > 1
        return [
            ExportRequest(
                self._result,
                stage,
                choice.folder,
                f"{choice.stem}_{stage}" if several else choice.stem,
                choice.formats,
            )
            for stage in choice.stages
        ]

    def _export_all(self, requests: Sequence[ExportRequest]) -> list[Path]:
        for request in requests:
            _make_folder(request.folder)
        return [path for request in requests for path in self._backend.export(request)]

    def _tell(self, paths: Sequence[Path]) -> None:
        self._view.show_written(paths)
        self._on_written(paths)

    def _fail(self, error: Exception) -> None:
        self._view.show_problem(complaint_of(error))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder} cannot be made: {error.strerror or error}.") from error


def options_of(result: Reconstruction) -> ExportOptions:
    """Say what can be written of a result."""
    known = result.best.image.pixel_size_m is not None
    refusal = (
        None
        if known
        else "Products and .ptyr store positions in metres, but the geometry of this scan is not known."
    )
    return ExportOptions(_file_stem(result.scan_name), tuple(stage.stage for stage in result.stages), refusal)


def _file_stem(name: str) -> str:
    """Make a file name of the name of a scan: no spaces, no slashes."""
    return "".join(sign if sign.isalnum() or sign in "-_.+" else "_" for sign in name).strip("_") or "object"
