"""Looking through the patterns of a scan; only the last one asked for is shown."""

from __future__ import annotations

from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import Scan
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.runner import Runner


class PatternScreen(Protocol):
    """The Patterns tab: a pattern beside the map of positions."""

    def show_scan(self, scan: Scan) -> None:
        """Draw the positions and set the range of the slider."""

    def show_pattern(self, index: int, intensity: NDArray[np.float32]) -> None:
        """Show a pattern, (H, W) counts, and mark its position."""

    def show_seen(self, indices: NDArray[np.intp]) -> None:
        """Mark the positions of the patterns that are in the picture already."""


class PatternPresenter:
    """Reads the pattern that is asked for off the main thread."""

    def __init__(self, view: PatternScreen, runner: Runner, complain: Complain) -> None:
        self._view, self._runner, self._complain = view, runner, complain
        self._scan: Scan | None = None

    def set_scan(self, scan: Scan) -> None:
        """Look at another scan, beginning with its first pattern."""
        self._scan = scan
        self._view.show_scan(scan)
        self.show(0)

    def show(self, index: int) -> None:
        """Show a pattern; an older one still on its way is dropped."""
        if self._scan is None or not 0 <= index < len(self._scan):
            return
        read = partial(_read_pattern, self._scan, index)
        self._runner.call("pattern", read, partial(self._view.show_pattern, index), self._complain)


def _read_pattern(scan: Scan, index: int) -> NDArray[np.float32]:
    pattern: NDArray[np.float32] = scan.patterns.read(np.array([index]))[0]
    return pattern
