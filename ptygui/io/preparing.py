"""Preparing one file again and again while the user changes steps: only from the step on that changed."""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from ptygui.core.preparation import Preparation, Step
from ptygui.core.prepare import apply_steps
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.io.registry import begin, naming, step_files
from ptygui.io.temporary import Report, silent


class Preparing:
    """Keeps the scan after each step of the last list, so that steps which look at all patterns do it once.

    Scans hold no patterns, so this costs no memory. Steps that name a file are always applied anew, because
    the file may have changed. It may be called from several threads.

    Parameters
    ----------
    raw : RawScan
    """

    def __init__(self, raw: RawScan) -> None:
        self.raw = raw
        self._files = step_files(raw)
        self._lock = threading.Lock()
        self._begun: Preparation | None = None
        """Without its steps: how the file was read."""
        self._steps: tuple[Step, ...] = ()
        self._stages: list[Scan] = []
        """After no step, after the first one, ..."""

    def prepare(self, preparation: Preparation, report: Report = silent) -> Scan:
        """Do what `registry.prepare` does, and raise what it raises; what was reached before that is kept."""
        with self._lock, naming(Path(self.raw.path).name):
            self._begin(preparation)
            steps = preparation.steps
            kept = self._kept(steps)
            if kept < len(steps):
                self._steps, self._stages = self._steps[:kept], self._stages[: kept + 1]
            for step in steps[kept:]:
                self._stages.append(apply_steps(self._stages[-1], [step], self._files, report))
                self._steps = (*self._steps, step)
            return self._stages[len(steps)]

    def _begin(self, preparation: Preparation) -> None:
        begun = msgspec.structs.replace(preparation, steps=())
        if begun != self._begun or begun.reading.positions_file is not None:
            self._begun, self._steps, self._stages = None, (), []
            self._stages.append(begin(self.raw, begun))
            self._begun = begun

    def _kept(self, steps: tuple[Step, ...]) -> int:
        """Count the first steps that need not be applied again."""
        kept = 0
        for step, before in zip(steps, self._steps, strict=False):
            if step != before or getattr(step, "path", None) is not None:
                break
            kept += 1
        return kept
