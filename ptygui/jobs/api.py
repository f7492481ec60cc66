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
from ptygui.core.events import Event, ExportFormat, JobControl, Reconstruction, Stage
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.generators.bundle import read_probe
from ptygui.generators.contract import BundleCard, FitSentence
from ptygui.jobs import session
from ptygui.jobs.catalogue import Catalogue, GeneratorEntry, read_catalogue
from ptygui.jobs.converting import ConvertRequest, convert
from ptygui.reconstruct.refine.config import PRESET_WORDS, PRESETS, RefineConfig

if TYPE_CHECKING:
    from ptygui.core.mapping import Mapping
    from ptygui.io.positions.table import PositionTable
    from ptygui.io.preparing import Preparing
    from ptygui.io.suggest import Draft
    from ptygui.io.tree import Listing, Preview
    from ptygui.reconstruct.recipe import ProbeChoice

__all__ = [
    "PRESETS",
    "PRESET_WORDS",
    "Catalogue",
    "ConvertRequest",
    "ExportRequest",
    "FileKind",
    "GeneratorEntry",
    "ReconstructRequest",
    "RefineConfig",
    "RefineRequest",
    "ResultFile",
    "Session",
    "check_fit",
    "convert",
    "demo_scan_path",
    "export",
    "export_targets",
    "hdf5_preview",
    "hdf5_tree",
    "open_raw",
    "open_result",
    "open_scan",
    "prepare",
    "preparing",
    "preview_positions",
    "read_catalogue",
    "read_mapped",
    "read_preparation",
    "save_preset",
    "suggest_mapping",
    "what_is",
    "write_preparation",
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
    """The scan it was made of, if it names a file, or a folder, that is there."""


def what_is(path: Path) -> FileKind:
    """Tell what a file is to be opened as; what is neither a generator nor a result is taken for a scan.

    Never raises: opening it tells what is wrong with it.
    """
    if path.suffix.lower() == ".safetensors":
        return "generator"
    from ptygui.io.file_kind import is_result

    return "result" if is_result(path) else "scan"


def open_result(path: Path) -> ResultFile:
    """Read a result of any known format (io.results), and find its scan.

    Raises
    ------
    ResultError
    """
    from ptygui.io.result_files import read_result

    result = read_result(path)
    named = result.recipe.get("scan_path")
    is_there = isinstance(named, str) and os.path.isabs(named) and os.path.exists(named)  # noqa: PTH110, PTH117 never raise
    return ResultFile(path, result, Path(str(named)) if is_there else None)


def open_raw(
    path: Path, progress: Callable[[float], None] | None = None, mapping: Mapping | None = None
) -> RawScan:
    """Open a file of any known format; how it is to be read, `prepare` decides, again and again.

    An HDF5 file in no known format is opened by a `mapping`: the one of the preparation.

    Raises
    ------
    ScanError
    Cancelled
        By `progress`, see `open_scan`.
    """
    from ptygui.io import registry
    from ptygui.io.growing import steadily
    from ptygui.io.temporary import silent

    return steadily(path, lambda: registry.open_raw(path, progress or silent, mapping))


def prepare(raw: RawScan, preparation: Preparation, progress: Callable[[float], None] | None = None) -> Scan:
    """Make a scan of what a file holds; the patterns stay where they are.

    Quick but for steps that must look at every pattern: `progress` is told the share 0..1 of each of them.

    Raises
    ------
    IncompleteScanError
        If something is lacking that `preparation.reading` can tell.
    ScanError
    Cancelled
        By `progress`.
    """
    from ptygui.io import registry
    from ptygui.io.temporary import silent

    return registry.prepare(raw, preparation, progress or silent)


def preview_positions(path: Path) -> PositionTable:
    """Read a file with positions of their own: all columns, and which are likely meant.

    Raises
    ------
    ScanError
    """
    from ptygui.io.positions import apart

    return apart.preview_positions(path)


def preparing(raw: RawScan) -> Preparing:
    """Return `prepare` with a memory, for one who changes steps again and again (quick)."""
    from ptygui.io.preparing import Preparing

    return Preparing(raw)


def read_preparation(path: Path) -> Preparation:
    """Read a preparation from a file of its own (TOML).

    Raises
    ------
    ScanError
    """
    from ptygui.io import preparation_file

    return preparation_file.read_preparation(path)


def write_preparation(preparation: Preparation, path: Path) -> None:
    """Write a preparation to a file of its own (TOML), whole or not at all.

    Raises
    ------
    ExportError
    """
    from ptygui.io import preparation_file

    preparation_file.write_preparation(preparation, path)


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
    return prepare(open_raw(path, progress, preparation.mapping), preparation, progress)


def hdf5_tree(path: Path, key: str = "/") -> Listing:
    """List what is in a group of an HDF5 file; raises ScanError."""
    from ptygui.io import tree

    return tree.list_nodes(path, key)


def hdf5_preview(path: Path, key: str, frame: int | None = None) -> Preview:
    """Look at a dataset of an HDF5 file, of a stack at one frame; raises ScanError."""
    from ptygui.io import tree

    return tree.preview(path, key, frame)


def suggest_mapping(path: Path) -> Draft:
    """Say where patterns, positions and the rest may lie in an HDF5 file; raises ScanError.

    If a preset of the user's knows the file, as that says; else it is guessed.
    """
    from ptygui.io import presets, suggest

    preset = presets.own_presets().find(path)
    if preset is None:
        return suggest.suggest(path)
    return suggest.Draft(preset.mapping)


def read_mapped(path: Path, mapping: Mapping) -> RawScan:
    """Read an HDF5 file by what a mapping says; `prepare` goes on from there.

    Raises
    ------
    ScanError
    """
    from ptygui.io import mapped

    return mapped.read_mapped(path, mapping)


def save_preset(mapping: Mapping, *, overwrite: bool = False) -> Path:
    """Keep a mapping among the user's presets: files with the same keys then open by themselves.

    Raises
    ------
    PresetExistsError
        If there is one of that name and `overwrite` is False.
    PresetError
        If it cannot be written.
    """
    from ptygui.io import presets, suggest

    return presets.save_preset(suggest.with_sniff(mapping), overwrite=overwrite)


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
