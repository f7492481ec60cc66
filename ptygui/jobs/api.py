"""The only door between the window (or the command line) and torch.

Importing this module loads neither torch nor Qt; the functions load what they need when they are called.
Every one of them may take long and belongs in a worker thread, but for those said to be quick.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ptygui import resources
from ptygui.core.errors import ScanError
from ptygui.core.events import Event, ExportFormat, JobControl, Reconstruction, Stage
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.generators.bundle import read_probe
from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.jobs import session
from ptygui.jobs.catalogue import Catalogue, GeneratorEntry, read_catalogue
from ptygui.reconstruct.refine.config import PRESET_WORDS, PRESETS, RefineConfig

if TYPE_CHECKING:
    from ptygui.reconstruct.recipe import ProbeChoice

__all__ = [
    "PRESETS",
    "PRESET_WORDS",
    "Catalogue",
    "ExportRequest",
    "FileKind",
    "GeneratorEntry",
    "ReconstructRequest",
    "RefineConfig",
    "RefineRequest",
    "ResultFile",
    "Session",
    "check_fit",
    "demo_scan_path",
    "export",
    "export_targets",
    "open_raw",
    "open_result",
    "open_scan",
    "prepare",
    "read_catalogue",
    "what_is",
]

FileKind = Literal["generator", "result", "scan"]


@dataclass(frozen=True)
class ReconstructRequest:
    """What the user chose before pressing Reconstruct."""

    scan: Scan
    generator: Path
    device_id: str = "cpu"
    batch_size: int | None = None
    """None: chosen for the device."""
    polish_steps: int | None = None
    """Averaged projections after the network pass; 0 keeps the raw pass only, None chooses by the noise."""
    probe: ProbeChoice = "auto"
    """auto: the bundle's probe if it was trained on this very scan or the scan has none, else the scan's."""


@dataclass(frozen=True)
class RefineRequest:
    """What the user chose before pressing Refine."""

    scan: Scan
    start: Reconstruction | None = None
    """Refined are object, probe and positions of one of its stages; None begins with the flat object."""
    start_stage: Stage | None = None
    """None: the last one."""
    device_id: str = "cpu"
    config: RefineConfig = PRESETS["quick"]
    checkpoint: Path | None = None
    """Where the state so far is kept (.npz, `read_result`) in case the process is killed; None: nowhere."""


@dataclass(frozen=True)
class ResultFile:
    """A result that was read from a file."""

    path: Path
    result: Reconstruction
    scan_path: Path | None
    """The scan it was made of, if it names a file that is there."""


def what_is(path: Path) -> FileKind:
    """Tell what a file is to be opened as; what is neither a generator nor a result is taken for a scan.

    Never raises: opening it tells what is wrong with it.
    """
    if path.suffix.lower() == ".safetensors":
        return "generator"
    from ptygui.io.result_files import peek_record

    return "result" if peek_record(path) is not None or _is_lone_product(path) else "scan"


def _is_lone_product(path: Path) -> bool:
    """Tell whether it is a Ptychodus product, of any program, with no patterns in it or beside it."""
    from ptygui.io import hdf5
    from ptygui.io.product import X_KEY, Y_KEY

    if not hdf5.has(path, "object", "probe", X_KEY, Y_KEY):
        return False
    try:
        open_scan(path)
    except ScanError:
        return True
    return False


def open_result(path: Path) -> ResultFile:
    """Read a result of ptygui (.npz), or a Ptychodus product (.h5), and find its scan.

    Raises
    ------
    ResultError
    """
    from ptygui.io.result_files import read_result

    result = read_result(path)
    named = result.recipe.get("scan_path")
    is_there = isinstance(named, str) and os.path.isabs(named) and os.path.isfile(named)  # noqa: PTH113, PTH117 never raise
    return ResultFile(path, result, Path(str(named)) if is_there else None)


def open_raw(path: Path, progress: Callable[[float], None] | None = None) -> RawScan:
    """Open a file of any known format; how it is to be read, `prepare` decides, again and again.

    Raises
    ------
    ScanError
    Cancelled
        By `progress`, see `open_scan`.
    """
    from ptygui.io import registry
    from ptygui.io.temporary import silent

    return registry.open_raw(path, progress or silent)


def prepare(raw: RawScan, preparation: Preparation) -> Scan:
    """Make a scan of what a file holds; quick, the patterns stay where they are.

    Raises
    ------
    IncompleteScanError
        If something is lacking that `preparation.reading` can tell.
    ScanError
    """
    from ptygui.io import registry

    return registry.prepare(raw, preparation)


def open_scan(
    path: Path,
    progress: Callable[[float], None] | None = None,
    preparation: Preparation = Preparation(),
) -> Scan:
    """Open a scan of any known format (io.registry) and prepare it.

    Parameters
    ----------
    path : Path
    progress : callable or None
        Compressed files are unpacked once, which may take minutes: it is told the share 0..1 every few
        megabytes, and raises `core.errors.Cancelled` to end it.
    preparation : Preparation
        How the file is read, and what is done to the scan.

    Raises
    ------
    IncompleteScanError
        If something is lacking that `preparation.reading` can tell.
    ScanError
    Cancelled
        By `progress`; nothing is left behind then.
    """
    return prepare(open_raw(path, progress), preparation)


def demo_scan_path() -> Path:
    """Where the shipped demo scan lies (quick)."""
    return resources.demo_scan_path()


def check_fit(card: BundleCard, scan: Scan, generator: Path | None = None) -> list[FitSentence]:
    """Say in sentences what fits and what does not (quick, no torch).

    The probes are compared only if `generator`, the bundle's file, is given.
    """
    from ptygui.generators import fit

    return fit.check(card, scan, None if generator is None else read_probe(generator))


class Session:
    """Keeps the last generator loaded on its device, so that the next scan starts at once."""

    def __init__(self) -> None:
        self._warm = session.WarmGenerator()

    def reconstruct(self, request: ReconstructRequest, control: JobControl | None = None) -> Generator[Event]:
        """Reconstruct; yields events and ends with `Finished`. Closing the iterator cancels.

        Raises
        ------
        RecipeError, DeviceError, BundleError, ScanError
        """
        from ptygui.reconstruct.plan import Choices

        choices = Choices(request.device_id, request.batch_size, request.polish_steps, request.probe)
        yield from session.run(self._warm, request.scan, request.generator, choices, control or JobControl())

    def refine(self, request: RefineRequest, control: JobControl | None = None) -> Generator[Event]:
        """Refine; yields events (an `Epoch` after each) and ends with `Finished`. Closing it cancels.

        The result holds the stage it began with, and the stage 'refined'.

        Raises
        ------
        RecipeError, DeviceError, ScanError
        """
        from ptygui.jobs.refining import run

        yield from run(request, control or JobControl())


@dataclass(frozen=True)
class ExportRequest:
    """What to write."""

    result: Reconstruction
    stage: Stage
    folder: Path
    stem: str
    formats: tuple[ExportFormat, ...]
    overwrite: bool = False


def export_targets(request: ExportRequest) -> list[Path]:
    """Name the files that `export` would write (quick)."""
    from ptygui.io import export as files

    return files.export_targets(request.folder, request.stem, request.formats)


def export(request: ExportRequest) -> list[Path]:
    """Write a stage of a result, each file atomically; returns the files written.

    Raises
    ------
    ExportError
        If a file exists and `overwrite` is False, or cannot be written.
    """
    from ptygui.io import export as files

    return files.export_reconstruction(
        request.result,
        request.stage,
        request.folder,
        request.stem,
        request.formats,
        overwrite=request.overwrite,
    )
