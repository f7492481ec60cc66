"""Looking through the patterns of a scan; only the last one asked for is shown."""

from __future__ import annotations

from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import StageResult
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.runner import Runner

Pattern = NDArray[np.float32]


class PatternScreen(Protocol):
    """The Patterns tab: a pattern, the computed one beside it, and the map of positions."""

    def show_scan(self, scan: Scan, *, again: bool = False) -> None:
        """Draw the positions and set the range of the slider; `again`: contrast and view stay."""

    def show_pattern(self, index: int, measured: Pattern, computed: Pattern | None) -> None:
        """Show a pattern, (H, W) counts, the one that a picture explains if there is one, and its place."""

    def show_seen(self, indices: NDArray[np.intp]) -> None:
        """Mark the positions of the patterns that are in the picture already."""

    def show_stage(self, stage: StageResult | None) -> None:
        """Show what evidence there is of the picture that explains patterns, if there is such a picture."""


class PatternPresenter:
    """Reads, and computes, the pattern that is asked for off the main thread."""

    def __init__(self, view: PatternScreen, runner: Runner, backend: Backend, complain: Complain) -> None:
        self._view, self._runner, self._backend, self._complain = view, runner, backend, complain
        self._scan: Scan | None = None
        self._stage: StageResult | None = None
        self._index = 0
        self._computes = True

    def set_scan(self, scan: Scan, *, again: bool = False) -> None:
        """Look at another scan, beginning with its first pattern; nothing is known of it yet.

        `again`: it is the same one, which may have grown, and the pattern that is looked at stays.
        """
        self._scan, self._stage = scan, None
        self._view.show_scan(scan, again=again)
        self._view.show_stage(None)
        self.show(min(self._index, len(scan) - 1) if again else 0)

    def set_stage(self, stage: StageResult | None) -> None:
        """Compare with what another picture of the scan explains, or with none."""
        if stage is self._stage:
            return
        self._stage = stage
        self._view.show_stage(stage)
        self.show(self._index)

    def compute(self, wanted: bool) -> None:
        """Show the computed pattern beside the measured one, or leave it."""
        self._computes = wanted
        self.show(self._index)

    def show(self, index: int) -> None:
        """Show a pattern; an older one still on its way is dropped."""
        if self._scan is None or not 0 <= index < len(self._scan):
            return
        self._index = index
        stage = self._stage if self._computes else None
        read = partial(self._read, self._scan, stage, index)
        self._runner.call("pattern", read, partial(self._answer, index), self._complain)

    def _read(self, scan: Scan, stage: StageResult | None, index: int) -> tuple[Pattern, Pattern | None]:
        measured: Pattern = scan.patterns.read(np.array([index]))[0]
        return measured, None if stage is None else self._backend.computed_pattern(stage, index)

    def _answer(self, index: int, patterns: tuple[Pattern, Pattern | None]) -> None:
        self._view.show_pattern(index, *patterns)
