"""What is remembered for files of a kind, in the real application: `io.remembered`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.remembered import Recalled, Remembered
from ptygui.core.scan import Scan

if TYPE_CHECKING:
    from ptygui.io.remembered import AllRemembered


class LocalRemembered:
    """Fulfils `presenters.remember_presenter.RememberedBackend`.

    Parameters
    ----------
    prepare : callable
        Makes a scan of what a file holds, as `jobs.api.prepare`.
    """

    def __init__(self, prepare: Callable[[RawScan, Preparation], Scan]) -> None:
        self._prepare = prepare

    def recall(self, raw: RawScan) -> Recalled:
        """Prepare a file of which nobody said how; raises ScanError."""
        from ptygui.io.remembered import recall

        return recall(raw, self._prepare)

    def list_remembered(self) -> AllRemembered:
        """List all; never raises."""
        from ptygui.io.remembered import list_remembered

        return list_remembered()

    def remember(self, remembered: Remembered, overwrite: bool) -> Path:
        """Keep something; raises PresetExistsError, PresetError."""
        from ptygui.io.remembered import remember

        return remember(remembered, overwrite=overwrite)

    def forget(self, path: Path) -> None:
        """Delete its file; raises PresetError."""
        from ptygui.io.remembered import forget

        forget(path)
