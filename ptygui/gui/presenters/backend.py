"""What the presenters ask of the rest of ptygui: the contract that `gui.backend` fulfils and tests fake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Event, JobControl, StageResult
from ptygui.core.judgement import Judgement
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.generators.contract import FitSentence
from ptygui.gui.presenters.hdf5_presenter import Hdf5Backend
from ptygui.gui.presenters.remember_presenter import RememberedBackend
from ptygui.gui.presenters.training_backend import TrainingBackend
from ptygui.jobs.api import (
    Catalogue,
    ExportRequest,
    FileKind,
    GeneratorEntry,
    ReconstructRequest,
    RefineRequest,
    ResultFile,
)
from ptygui.jobs.devices import Device
from ptygui.jobs.recovery import Leftover

if TYPE_CHECKING:
    from ptygui.core.describe import ScanFacts
    from ptygui.gui.comparison import Comparison
    from ptygui.gui.overview import Overview
    from ptygui.io.positions.table import PositionTable
    from ptygui.io.reach import Reach, Sight


class Backend(Protocol):
    """Every function may take long: presenters call them through a `Runner` only."""

    @property
    def training(self) -> TrainingBackend:
        """What trains generators, and watches it."""

    @property
    def hdf5(self) -> Hdf5Backend:
        """What opens HDF5 files by hand."""

    @property
    def remembered(self) -> RememberedBackend:
        """What is remembered for files of a kind."""

    def close(self) -> None:
        """Let go of what would keep calls waiting; called before the threads that make them are joined."""

    def what_is(self, path: Path) -> FileKind:
        """Tell what a file is to be opened as."""

    def open_raw(self, path: Path, mapping: Mapping | None) -> RawScan:
        """Open a file or a folder; how it is to be read, `prepare` decides. Raises ScanError.

        An HDF5 file in no known format is opened by a mapping.
        """

    def prepare(self, raw: RawScan, preparation: Preparation) -> Scan:
        """Make a scan of what a file holds; raises ScanError, IncompleteScanError if something lacks."""

    def reach_of(self, path: Path, raw: RawScan) -> Reach:
        """Say what an open scan was read from."""

    def reach_with(self, reach: Reach | None, raw: RawScan, preparation: Preparation) -> Reach | None:
        """Add what a preparation takes from elsewhere."""

    def look(self, path: Path, reach: Reach | None) -> Sight:
        """Return what can be seen of a scan's files, without opening them; of a new one only `path`."""

    def patterns_now(self, path: Path, mapping: Mapping | None) -> int | None:
        """Count the patterns that a file would give now; None where that costs a reading of it.

        Raises ScanError if it is no scan any more.
        """

    def overview(self, raw: RawScan, preparation: Preparation, scan: Scan, upto: int) -> Overview:
        """Gather pictures and numbers of a scan, the pattern as the first `upto` steps leave it."""

    def find_orientation(self, scan: Scan) -> Iterator[Event]:
        """Try how frames and positions are turned; ends with `OrientationFound`."""

    def preview_positions(self, path: Path) -> PositionTable:
        """Read a file with positions of their own; raises ScanError."""

    def read_preparation(self, path: Path) -> Preparation:
        """Read a preparation; raises ScanError."""

    def write_preparation(self, preparation: Preparation, path: Path) -> None:
        """Write one, whole or not at all; raises ExportError."""

    def open_result(self, path: Path) -> ResultFile:
        """Read a result; raises ResultError."""

    def scan_facts(self, scan: Scan) -> ScanFacts:
        """Say what is known of a scan, and what was guessed."""

    def scan_fingerprint(self, scan: Scan) -> str:
        """Return what a scan is known again by."""

    def read_catalogue(self) -> Catalogue:
        """List the trained generators, and the files that cannot be used."""

    def read_generator(self, path: Path) -> GeneratorEntry:
        """Read the card of one bundle; raises BundleError."""

    def check_fit(self, entry: GeneratorEntry, scan: Scan) -> Sequence[FitSentence]:
        """Say how a generator fits a scan."""

    def list_devices(self) -> Sequence[Device]:
        """List where can be computed; loads torch."""

    def reconstruct(self, request: ReconstructRequest, control: JobControl) -> Iterator[Event]:
        """Reconstruct with the session of the request's device."""

    def refine(self, request: RefineRequest, control: JobControl) -> Iterator[Event]:
        """Refine on the request's device; what is reached is kept on disk in case the process is killed."""

    def left_behind(self) -> Sequence[Leftover]:
        """List what was kept of refinements whose process was killed, the oldest first."""

    def forget(self, path: Path) -> None:
        """Delete what was kept of one."""

    def judge(self, stage: StageResult) -> Sequence[Judgement]:
        """Say what speaks for and against a picture."""

    def computed_pattern(self, stage: StageResult, index: int) -> NDArray[np.float32]:
        """Return the pattern, (H, W) counts, that a picture explains."""

    def compare(self, first: StageResult, second: StageResult) -> Comparison:
        """Bring two pictures into one gauge and say how they differ; raises ComparisonError."""

    def export_targets(self, request: ExportRequest) -> Sequence[Path]:
        """Name the files that `export` would write."""

    def export(self, request: ExportRequest) -> Sequence[Path]:
        """Write files; raises ExportError."""
