"""How a run is, as far as a watcher can tell; reads status.json only.

Clocks of two machines differ and network file systems do not notify; so a run is alive if its beat
*changed* while this watcher watched, however old its files look. Of a run on this machine the process is
asked too: one that is gone is lost at once, and one that lives is given more patience.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from ptygui.runs.alive import process_lives
from ptygui.runs.layout import RunError, RunPaths, Status
from ptygui.runs.records import read_status

PATIENCE_S = 30.0
_MORE_PATIENCE = 10
"""Times as long for a process that is known to live: opening a large scan may take minutes without a beat."""


class Health(StrEnum):
    """How a run is, as far as this reader can tell."""

    WAITING = "waiting"
    """Nothing has moved yet, but patience has not run out."""
    ALIVE = "alive"
    LOST = "lost"
    """Said to be running, but its process is gone, or its beat stands still: cut off from its file system."""
    ENDED = "ended"
    """Done, stopped or failed by its own word."""
    GONE = "gone"
    """The directory is not there (any more)."""


class Pulse:
    """Watches the status of one run.

    Attributes
    ----------
    status : Status or None
        The latest readable one; None before the first.
    lives : bool or None
        Whether its process lives on this machine; None: not known.
    """

    def __init__(
        self, directory: Path, *, patience_s: float = PATIENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.paths = RunPaths(directory)
        self.status: Status | None = None
        self.lives: bool | None = None
        self._patience_s = patience_s
        self._clock = clock
        self._moved_s = clock()
        self._has_moved = False
        self._version: tuple[int, int, int] | None = None

    @property
    def silence_s(self) -> float:
        """How long the beat has stood still while this watched."""
        return self._clock() - self._moved_s

    def poll(self) -> Health:
        """Look; never raises: what is missing, half there or damaged comes with a later poll."""
        if not self.paths.root.is_dir():
            return Health.GONE
        self._read()
        if self.status is None or self.status.state.ended:
            self.lives = None
        else:
            self.lives = process_lives(self.paths.root, self.status)
        return self._health()

    def _read(self) -> None:
        """Read the status, if it was replaced since."""
        try:
            facts = os.stat(self.paths.status)  # noqa: PTH116  # a hundred runs twice a second: pathlib is slower
            version = (facts.st_mtime_ns, facts.st_ino, facts.st_size)
            if version == self._version:
                return
            status = read_status(self.paths.root)
        except (OSError, RunError):
            return
        if self.status is not None and status.beat != self.status.beat:
            self._has_moved = True
            self._moved_s = self._clock()
        self.status, self._version = status, version

    def _health(self) -> Health:
        if self.status is not None and self.status.state.ended:
            return Health.ENDED
        patience_s = self._patience_s * (_MORE_PATIENCE if self.lives else 1)
        if self.lives is False or self.silence_s > patience_s:
            return Health.LOST
        return Health.ALIVE if self._has_moved or self.lives else Health.WAITING
