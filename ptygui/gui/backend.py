"""The backend of the real application: `jobs.api`, with one warm session for each device."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.events import Event, JobControl, StageResult
from ptygui.core.judgement import Judgement
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.generators.contract import FitSentence
from ptygui.gui.garbage import allow_full_collections
from ptygui.gui.hdf5_backend import LocalHdf5
from ptygui.gui.remembered_backend import LocalRemembered
from ptygui.gui.training_backend import LocalTraining
from ptygui.io.examiner import Request
from ptygui.io.foreign import is_hdf5
from ptygui.jobs import api, devices, recovery
from ptygui.jobs.examination import Examiner, step_requests
from ptygui.jobs.preload import preload_torch

if TYPE_CHECKING:
    from ptygui.core.describe import ScanFacts
    from ptygui.gui.comparison import Comparison
    from ptygui.gui.overview import Overview
    from ptygui.io.positions.table import PositionTable
    from ptygui.io.reach import Reach, Sight


class LocalBackend:
    """Fulfils `presenters.backend.Backend`; everything heavy is loaded where it is called."""

    def __init__(self) -> None:
        self._sessions: dict[str, api.Session] = {}
        self._opening_libraries = threading.Lock()
        """Held by what opens libraries while torch's are opened: whoever wants one then waits for the loader
        of the system with the interpreter's lock in the hand, and the window stands still."""
        self.training = LocalTraining(opening_libraries=self._opening_libraries)
        self._examiner = Examiner()
        self.hdf5 = LocalHdf5(self._examiner.examine)
        self.remembered = LocalRemembered(self.prepare)

    def close(self) -> None:
        """End what examines files; whoever waits for it is cancelled."""
        self._examiner.close()

    def what_is(self, path: Path) -> api.FileKind:
        """Tell what a file is to be opened as."""
        try:
            self._examiner.examine(Request(str(path)))
        except ScanError:
            return "scan"  # opening it tells what is wrong with it
        with self._opening_libraries:
            return api.what_is(path)

    def open_raw(self, path: Path, mapping: Mapping | None = None) -> RawScan:
        """Open a file or a folder; raises ScanError."""
        self._examiner.examine(Request(str(path), mapping=mapping))
        with self._opening_libraries:
            return api.open_raw(path, mapping=mapping)

    def prepare(self, raw: RawScan, preparation: Preparation) -> Scan:
        """Make a scan of what a file holds; raises ScanError, IncompleteScanError if something lacks."""
        for request in step_requests(raw, preparation):
            self._examiner.examine(request)
        with self._opening_libraries:
            return api.prepare(raw, preparation)

    def reach_of(self, path: Path, raw: RawScan) -> Reach:
        """Say what an open scan was read from."""
        reach: Reach = self._reach.reach_of(path, raw)
        return reach

    def reach_with(self, reach: Reach | None, raw: RawScan, preparation: Preparation) -> Reach | None:
        """Add what a preparation takes from elsewhere."""
        return None if reach is None else self._reach.with_named(reach, raw, preparation)

    @cached_property
    def _reach(self) -> ModuleType:
        """What looks at files; imported once, for a look waits for nothing but the disk."""
        with self._opening_libraries:
            from ptygui.io import reach
        return reach

    def look(self, path: Path, reach: Reach | None) -> Sight:
        """Return what can be seen of a scan's files, without opening them; of a new one only `path`."""
        sight: Sight = self._reach.look(reach or self._reach.Reach((path,)))
        return sight

    def patterns_now(self, path: Path, mapping: Mapping | None) -> int | None:
        """Count the patterns that a file would give now; None where that costs a reading of it."""
        if path.is_dir() or is_hdf5(path):
            return self.open_raw(path, mapping).usable
        self._reach.check_known(path)
        return None

    def overview(self, raw: RawScan, preparation: Preparation, scan: Scan, upto: int) -> Overview:
        """Gather pictures and numbers of a scan, the pattern as the first `upto` steps leave it."""
        with self._opening_libraries:
            from ptygui.gui.overview import overview
        return overview(raw, preparation, scan, upto)

    def find_orientation(self, scan: Scan) -> Iterator[Event]:
        """Try how frames and positions are turned; ends with `OrientationFound`."""
        from ptygui.jobs.orientation import find_orientation

        return find_orientation(scan)

    def preview_positions(self, path: Path) -> PositionTable:
        """Read a file with positions of their own; raises ScanError."""
        with self._opening_libraries:
            return api.preview_positions(path)

    def read_preparation(self, path: Path) -> Preparation:
        """Read a preparation; raises ScanError."""
        return api.read_preparation(path)

    def write_preparation(self, preparation: Preparation, path: Path) -> None:
        """Write one, whole or not at all; raises ExportError."""
        api.write_preparation(preparation, path)

    def open_result(self, path: Path) -> api.ResultFile:
        """Read a result; raises ResultError, ScanError if it is too damaged to be touched."""
        self._examiner.examine(Request(str(path)))
        with self._opening_libraries:
            return api.open_result(path)

    def scan_facts(self, scan: Scan) -> ScanFacts:
        """Say what is known of a scan."""
        with self._opening_libraries:
            from ptygui.core.describe import scan_facts

            return scan_facts(scan)

    def scan_fingerprint(self, scan: Scan) -> str:
        """Return what a scan is known again by."""
        with self._opening_libraries:
            from ptygui.core.describe import scan_fingerprint

            return scan_fingerprint(scan)

    def read_catalogue(self) -> api.Catalogue:
        """List the trained generators, and the files that cannot be used."""
        return api.read_catalogue()

    def read_generator(self, path: Path) -> api.GeneratorEntry:
        """Read the card of one bundle."""
        from ptygui.generators.bundle import read_card

        return api.GeneratorEntry(path, read_card(path), shipped=False)

    def check_fit(self, entry: api.GeneratorEntry, scan: Scan) -> Sequence[FitSentence]:
        """Say how a generator fits a scan."""
        with self._opening_libraries:
            return api.check_fit(entry.card, scan, entry.path)

    def list_devices(self) -> Sequence[devices.Device]:
        """List where can be computed; loads torch."""
        with self._opening_libraries:
            preload_torch()
        found = devices.list_devices()
        allow_full_collections()
        return found

    def reconstruct(self, request: api.ReconstructRequest, control: JobControl) -> Iterator[Event]:
        """Reconstruct in the warm session of the device."""
        return self._session(request.device_id).reconstruct(request, control)

    def refine(self, request: api.RefineRequest, control: JobControl) -> Iterator[Event]:
        """Refine on the device; what is reached is kept on disk in case the process is killed."""
        session = self._session(request.device_id)
        return recovery.guarded(
            request.scan.metadata.name,
            lambda checkpoint: session.refine(replace(request, checkpoint=checkpoint), control),
        )

    def left_behind(self) -> Sequence[recovery.Leftover]:
        """List what was kept of refinements whose process was killed, the oldest first."""
        return recovery.left_behind()

    def forget(self, path: Path) -> None:
        """Delete what was kept of one."""
        recovery.forget(path)

    def judge(self, stage: StageResult) -> Sequence[Judgement]:
        """Say what speaks for and against a picture."""
        with self._opening_libraries:
            from ptygui.core.judge import judge
        return judge(stage)

    def computed_pattern(self, stage: StageResult, index: int) -> NDArray[np.float32]:
        """Return the pattern, (H, W) counts, that a picture explains."""
        with self._opening_libraries:
            from ptygui.core.explain import computed_pattern
        return computed_pattern(stage, index)

    def compare(self, first: StageResult, second: StageResult) -> Comparison:
        """Bring two pictures into one gauge and say how they differ; raises ComparisonError."""
        with self._opening_libraries:
            from ptygui.gui.comparison import compare
        return compare(first, second)

    def export_targets(self, request: api.ExportRequest) -> Sequence[Path]:
        """Name the files that `export` would write."""
        return api.export_targets(request)

    def export(self, request: api.ExportRequest) -> Sequence[Path]:
        """Write files; raises ExportError."""
        return api.export(request)

    def _session(self, device_id: str) -> api.Session:
        return self._sessions.setdefault(device_id, api.Session())
