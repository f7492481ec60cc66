"""Opening a scan and saying what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.rows import Row
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_rows import scan_rows


class ScanView(Protocol):
    """The scan card."""

    def show_loading(self, name: str) -> None:
        """Say that a file is being opened."""

    def show_scan(self, name: str, rows: Sequence[Row]) -> None:
        """Show what is known of the open scan."""

    def show_no_scan(self) -> None:
        """Invite to open one."""

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer the files opened lately, newest first."""


class ScanPresenter:
    """Decides what the scan card shows; owns the open scan."""

    def __init__(
        self,
        view: ScanView,
        runner: Runner,
        backend: Backend,
        memory: Memory,
        on_scan: Callable[[Scan], None],
        complain: Complain,
    ) -> None:
        self._view, self._runner, self._backend, self._memory = view, runner, backend, memory
        self._on_scan, self._complain = on_scan, complain
        self.scan: Scan | None = None
        self.fingerprint = ""
        """What the open scan is known again by."""
        self.opening = False
        self._rows: Sequence[Row] = ()
        view.show_no_scan()
        view.show_recent(memory.recent_scans)

    def open(self, path: Path) -> None:
        """Open a file; the scan at hand stays until the new one is there."""
        self.opening = True
        self._view.show_loading(path.name)
        self._runner.call("scan", partial(self._read, path), partial(self._accept, path), self._refuse)

    def _read(self, path: Path) -> tuple[Scan, str, Sequence[Row]]:
        scan = self._backend.open_scan(path)
        rows = scan_rows(self._backend.scan_facts(scan))
        return scan, self._backend.scan_fingerprint(scan), rows

    def _accept(self, path: Path, opened: tuple[Scan, str, Sequence[Row]]) -> None:
        self.opening = False
        self.scan, self.fingerprint, self._rows = opened
        self._memory.add_recent_scan(path)
        self._view.show_recent(self._memory.recent_scans)
        self._show()
        self._on_scan(self.scan)

    def _refuse(self, error: Exception) -> None:
        self.opening = False
        self._show()
        self._complain(error)

    def _show(self) -> None:
        if self.scan is None:
            self._view.show_no_scan()
        else:
            self._view.show_scan(self.scan.metadata.name, self._rows)
