"""The problem that engines solve: data, windows and demands, and how to look at all of the data once."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from ptygui.core.events import Event, JobControl, Notice
from ptygui.physics.metric import position_stiffness
from ptygui.physics.names import Likelihood
from ptygui.physics.regularise import Regularisation
from ptygui.physics.slope import Look, Measured, Setting, Slope, Tally, look
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.memory import Halving
from ptygui.reconstruct.pace import Meter
from ptygui.reconstruct.refine.data import Data

T = TypeVar("T")

PAUSE_S = 0.05
NOTHING = Free(object=False, probe=False)
"""Only looked at."""


@dataclass
class Problem:
    """What stays the same while engines work on it.

    Attributes
    ----------
    data : Data
    setting : Setting
    demands : Regularisation
    moved : (n, 2) float
        How far the positions were moved before this refinement began; limits count from the file's.
    limit_px : float
    control : JobControl
    meter : Meter
    """

    data: Data
    setting: Setting
    demands: Regularisation
    moved: Tensor
    limit_px: float
    control: JobControl
    meter: Meter

    def sweep(
        self,
        compute: Callable[[Measured], T],
        take: Callable[[T], None],
        order: Tensor | None = None,
    ) -> Generator[Event, None, bool]:
        """Look at all patterns in batches; returns False if it was stopped on the way.

        Parameters
        ----------
        compute : callable
            Called with a batch, and with smaller ones when memory runs out; must change nothing.
        take : callable
            Told each result in turn.
        """
        halving = Halving(compute, self.data.batch_size)
        with closing(self.data.batches(order)) as batches:
            for batch in batches:
                for made in halving(batch):
                    if isinstance(made, Notice):
                        self.data.batch_size = halving.size
                        yield made
                        continue
                    take(made[1])
                    yield self.meter.progress(len(made[0]))
                    yield from self._hold()
                if self.control.stop_requested:
                    return False
        return True

    def slope(self, at: Unknowns, free: Free) -> Generator[Event, None, Slope | None]:
        """Sum the slope at a point over all patterns; None if it was stopped on the way."""
        total = Slope.empty(at)
        if not (yield from self.sweep(lambda batch: self.look(at, batch, free), total.add)):
            return None
        self.demands.add_to(total, at.object, at.shifts, position_stiffness(at.probe))
        return total.finish(free)

    def tally(self, at: Unknowns) -> Generator[Event, None, Tally | None]:
        """Find out how all patterns are explained; None if it was stopped on the way."""
        total = Tally.empty(len(self.data), self.data.device)
        done = yield from self.sweep(lambda batch: self.look(at, batch, NOTHING), total.add)
        return total if done else None

    def unstoppable(self) -> Problem:
        """Return the same problem for what is due after a stop: it may be cancelled, but not stopped."""
        return replace(self, control=JobControl())

    def judged_by(self, likelihood: Likelihood) -> Problem:
        """Return the same problem with another likelihood."""
        return replace(self, setting=replace(self.setting, likelihood=likelihood))

    def look(self, at: Unknowns, batch: Measured, free: Free) -> Look:
        """Compute what a batch says."""
        with torch.inference_mode():
            return look(at, batch, self.setting, free)

    def within_limits(self, at: Unknowns) -> Unknowns:
        """Return the point with no position farther from the file's than allowed, or than it began."""
        limit = self.moved.abs().clamp_min(self.limit_px)
        total = torch.minimum(torch.maximum(at.shifts + self.moved, -limit), limit)
        return replace(at, shifts=total - self.moved)

    def _hold(self) -> Generator[Event]:
        """Hold on while paused."""
        while self.control.paused:
            time.sleep(PAUSE_S)
            yield self.meter.progress()
