"""What ePIE, rPIE and LSQML have in common: few patterns at a time, each batch upon what the last one left.

With the excess chi = psi - psi' of exit waves over those of the measured modulus, each batch takes

    O <- O - a sum_j conj(P_j) chi_j / w(sum_j |P_j|², max |P|²)
    P <- P - b sum_j conj(O_j) chi_j / w(sum_j |O_j|², max |O|²)

The engines differ in w, and in the steps a and b. The sums are those of the batch, where its windows lie on
each other: w is about them or above, so that patterns of a batch cannot overshoot together. For batches of
one pattern these are the published updates. Positions go down the slope of the same residual, by the step
that would be right on the flat object.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from ptygui.core.events import Event
from ptygui.physics.exit_waves import Figures, confront, from_far, illuminate, to_far
from ptygui.physics.slope import Measured, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import shuffled, small_batches
from ptygui.reconstruct.refine.engines.downhill import Downhill, downhill
from ptygui.reconstruct.refine.problem import Problem

Step = float | Tensor


class SequentialEngine:
    """See the module text."""

    can_free: ClassVar[Free] = Free(True, True, True, False, False)
    proven: ClassVar[bool] = False
    monotonic: ClassVar[bool] = False
    batch: ClassVar[int] = 8
    """Patterns at once, where the user leaves it open: as good as one by one, and quicker."""

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        self.at, self.settled = at, False
        self._problem, self._free, self._config = problem, free, config
        self._epoch, self._calm = 0, 1.0
        self._scratch = torch.empty_like(at.object.real)

    def weigh(self, curvature: Tensor, peak: Tensor) -> Tensor:
        """Return w, given the sum of |P|² or |O|² over the batch and the largest of one pattern."""
        raise NotImplementedError

    def lengths(self, way: Downhill) -> tuple[Step, Step]:
        """Return by how much object and probe go; the user's steps are factors of it."""
        return 1.0, 1.0

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """See every pattern once, in small batches."""
        problem, at = self._problem, self.at
        own = replace(at, object=at.object.clone(), probe=at.probe.clone(), shifts=at.shifts.clone())
        tally = Tally.empty(len(at.gains), at.gains.device)

        def take(found: tuple[Figures, Downhill, tuple[Step, Step]]) -> None:
            found[0].add_to(tally)
            self._go(own, *found)

        order = shuffled(len(problem.data), self._config.seed, self._epoch)
        with small_batches(problem.data, self._config.batch_size or self.batch):
            done = yield from problem.sweep(lambda batch: self._look(own, batch), take, order)
        self._epoch += 1
        if not done:
            return None
        self.at = problem.within_limits(own) if self._free.positions else own
        return tally

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point and take half the steps from there."""
        self.at = at
        self._calm /= 2

    @torch.inference_mode()
    def _look(self, at: Unknowns, batch: Measured) -> tuple[Figures, Downhill, tuple[Step, Step]]:
        setting = self._problem.setting
        lit = illuminate(at, batch.indices, setting.windows)
        far = to_far(lit.waves)
        excess, figures = confront(far, at, batch, setting)
        way = downhill(at, lit, from_far(far * excess), self._free, self.weigh, self._scratch)
        return figures, way, self.lengths(way)

    @torch.inference_mode()
    def _go(self, at: Unknowns, figures: Figures, way: Downhill, lengths: tuple[Step, Step]) -> None:
        """Take a step, in place."""
        to_object = self._calm * (self._config.object_step or 1.0) * lengths[0]
        to_probe = self._calm * (self._config.probe_step or 1.0) * lengths[1]
        if self._free.object:
            self._problem.setting.windows.add(at.object, -to_object * way.object, way.lit.addresses)
        if way.probe is not None:
            at.probe.sub_(to_probe * way.probe)
        if way.shifts is not None:
            at.shifts[figures.indices] -= self._calm * way.shifts
