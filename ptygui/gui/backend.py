"""The backend of the real application: `jobs.api`, with one warm session for each device."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.core.events import Event, JobControl
from ptygui.core.scan import Scan
from ptygui.generators.contract import FitSentence
from ptygui.gui.garbage import allow_full_collections
from ptygui.jobs import api, devices
from ptygui.jobs.preload import preload_torch

if TYPE_CHECKING:
    from ptygui.core.describe import ScanFacts


class LocalBackend:
    """Fulfils `presenters.backend.Backend`; everything heavy is loaded where it is called."""

    def __init__(self) -> None:
        self._sessions: dict[str, api.Session] = {}
        self._opening_libraries = threading.Lock()
        """Held by what opens libraries while torch's are opened: whoever wants one then waits for the loader
        of the system with the interpreter's lock in the hand, and the window stands still."""

    def open_scan(self, path: Path) -> Scan:
        """Open a scan; raises ScanError."""
        with self._opening_libraries:
            return api.open_scan(path)

    def scan_facts(self, scan: Scan) -> ScanFacts:
        """Say what is known of a scan."""
        with self._opening_libraries:
            from ptygui.core.describe import scan_facts

            return scan_facts(scan)

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
        session = self._sessions.setdefault(request.device_id, api.Session())
        return session.reconstruct(request, control)

    def export_targets(self, request: api.ExportRequest) -> Sequence[Path]:
        """Name the files that `export` would write."""
        return api.export_targets(request)

    def export(self, request: api.ExportRequest) -> Sequence[Path]:
        """Write files; raises ExportError."""
        return api.export(request)
