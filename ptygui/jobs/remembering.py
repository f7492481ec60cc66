"""Opening a scan of which nobody said how: as it is remembered for files of its kind, else as it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.remembered import Recalled
from ptygui.core.scan import Scan


def open_as_remembered(path: Path, progress: Callable[[float], None] | None = None) -> Recalled:
    """Open a scan as the window does; it may lack something (`Recalled.whole`).

    Parameters
    ----------
    path : Path
    progress : callable or None
        As for `jobs.api.open_scan`.

    Raises
    ------
    ScanError
    Cancelled
        By `progress`.
    """
    from ptygui.io.remembered import recall
    from ptygui.jobs import api

    def prepare(raw: RawScan, preparation: Preparation) -> Scan:
        return api.prepare(raw, preparation, progress)

    return recall(api.open_raw(path, progress), prepare)
