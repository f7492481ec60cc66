"""The engine for every day: all unknowns together, downhill by L-BFGS in the metric of the data.

Every step looks at all patterns and is taken only if the data are explained better afterwards, so it cannot
diverge; physics.metric says why it converges where first-order methods creep.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from ptygui.core.events import Event
from ptygui.physics.metric import Metric
from ptygui.physics.quasi_newton import QuasiNewton
from ptygui.physics.slope import Slope, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.problem import Problem

ENOUGH = 1e-4
"""Share of the decrease that the slope promises with which a step is content (Armijo)."""
SHORTEST = 1 / 64


@register_engine("gradient")
class GradientEngine:
    """See the module text."""

    can_free: ClassVar[Free] = Free(True, True, True, True, True)
    proven: ClassVar[bool] = True
    monotonic: ClassVar[bool] = True

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        self.at, self.settled = at, False
        self._problem, self._free = problem, free
        self._memory = QuasiNewton()
        self._slope: Slope | None = None
        self._longest = 1.0

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """Take one step; returns how the patterns are explained after it."""
        if self._slope is None:
            self._slope = yield from self._problem.slope(self.at, self._free)
        slope, length = self._slope, self._longest
        if slope is None:
            return None
        direction = self._memory.direction(slope.gradient, Metric.at(self.at, slope))
        while length >= SHORTEST:
            trial = self.at.plus(direction, length)
            trial = self._problem.within_limits(trial) if self._free.positions else trial
            found = yield from self._problem.slope(trial, self._free)
            if found is None:
                return None
            promised = slope.gradient.dot(trial.minus(self.at))
            if found.tally.value <= slope.tally.value + ENOUGH * promised:  # no number is not less
                self._accept(trial, found)
                return found.tally
            length /= 2
        self.settled = self._memory.empty
        self._memory.forget()
        return slope.tally

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point and take half the steps from there."""
        self.at, self._slope = at, None
        self._longest /= 2
        self._memory.forget()

    def _accept(self, trial: Unknowns, found: Slope) -> None:
        assert self._slope is not None
        self._memory.learn(trial.minus(self.at), found.gradient.minus(self._slope.gradient))
        self.at, self._slope = trial, found
