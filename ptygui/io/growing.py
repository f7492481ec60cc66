"""Files that are read while another program writes them.

A writer of HDF5 that does not write for readers (SWMR) changes a file at several places one after the other;
who reads in between finds it damaged for a moment. In a trial with a busy writer nothing wrong was read so,
but one read in ten failed; tried again, none did.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ptygui.core.errors import IncompleteScanError, ScanError

PAUSE_S = 0.01
ATTEMPTS = 40
FRESH_S = 60.0
"""A file that was written to so lately may still be open, even if nothing happens to it for a moment."""

Result = TypeVar("Result")


def steadily(path: Path, attempt: Callable[[], Result]) -> Result:
    """Return what `attempt` returns; try again while it fails and the file changes.

    A file that stands still is tried twice if it was written to lately, else once.

    Parameters
    ----------
    path : Path
        The file that is read.
    attempt : callable
        Reads it; raises ScanError.

    Raises
    ------
    ScanError
        That of the last attempt.
    """
    stood_still = not _is_fresh(path)
    for _ in range(ATTEMPTS - 1):
        before = _stamp(path)
        try:
            return attempt()
        except IncompleteScanError:
            raise
        except ScanError:
            time.sleep(PAUSE_S)
            changed = _stamp(path) != before
            if stood_still and not changed:
                raise
            stood_still = not changed
    return attempt()


def _is_fresh(path: Path) -> bool:
    stamp = _stamp(path)
    return stamp is not None and abs(time.time() - stamp[1] / 1e9) < FRESH_S


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
