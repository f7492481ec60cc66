"""Adam (Kingma & Ba, ICLR 2015) on small batches: quick to leave a bad start, above all of the probe.

Steps are relative: to the flat object (1), to the peak of the probe, to a pixel. They shrink with the epochs.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ptygui.core.events import Event
from ptygui.physics.slope import Look, Measured, Slope, Tally, squared_modulus
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import register_engine, shuffled, small_batches
from ptygui.reconstruct.refine.problem import Problem

OBJECT_STEP, PROBE_STEP, POSITION_STEP_PX = 0.05, 0.05, 0.05
BATCH = 32
LAST_STEP = 0.05
"""Share of the first steps that the last ones have."""
BETA_1, BETA_2 = 0.9, 0.999


@dataclass
class _Moments:
    """Running means of a gradient and of its squared modulus."""

    first: Tensor
    second: Tensor

    @classmethod
    def of(cls, values: Tensor) -> _Moments:
        return cls(torch.zeros_like(values), torch.zeros_like(values.real if values.is_complex() else values))

    def step(self, gradient: Tensor, count: int) -> Tensor:
        """Take in a gradient; return the step of length about 1."""
        square = squared_modulus(gradient) if gradient.is_complex() else gradient.square()
        self.first.lerp_(gradient, 1 - BETA_1)
        self.second.lerp_(square, 1 - BETA_2)
        mean, spread = self.first / (1 - BETA_1**count), self.second / (1 - BETA_2**count)
        return mean / (spread.sqrt() + 1e-12)


@register_engine("adam")
class AdamEngine:
    """See the module text."""

    can_free: ClassVar[Free] = Free(True, True, True, False, False)
    proven: ClassVar[bool] = False
    monotonic: ClassVar[bool] = False

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        self.at, self.settled = at, False
        self._problem, self._free, self._config = problem, free, config
        self._epoch, self._count, self._calm = 0, 0, 1.0
        self._begin()

    def _begin(self) -> None:
        parts = self.at.object, self.at.probe, self.at.shifts
        self._moments = [_Moments.of(part) for part in parts]
        self._steps = (
            self._config.object_step or OBJECT_STEP,
            (self._config.probe_step or PROBE_STEP) * float(self.at.probe.abs().max()),
            POSITION_STEP_PX,
        )

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """See every pattern once, in small batches."""
        problem = self._problem
        tally = Tally.empty(len(self.at.gains), self.at.gains.device)

        def take(look: Look) -> None:
            tally.add(look)
            self._step(look)

        order = shuffled(len(problem.data), self._config.seed, self._epoch)
        with small_batches(problem.data, self._config.batch_size or BATCH):
            done = yield from problem.sweep(self._look, take, order)
        self._epoch += 1
        return tally if done else None

    def _look(self, batch: Measured) -> Look:
        return self._problem.look(self.at, batch, self._free)

    def _step(self, look: Look) -> None:
        slope = Slope.empty(self.at)
        slope.add(look)
        slope.finish(self._free)
        self._count += 1
        gradient = slope.gradient
        pace = self._calm * self._pace()
        moves = [
            -pace * size * moments.step(part, self._count)
            for size, moments, part in zip(
                self._steps, self._moments, (gradient.object, gradient.probe, gradient.shifts), strict=True
            )
        ]
        direction = self.at.zeros()
        for target, move in zip((direction.object, direction.probe, direction.shifts), moves, strict=True):
            target.copy_(move)
        at = self.at.plus(direction)
        self.at = self._problem.within_limits(at) if self._free.positions else at

    def _pace(self) -> float:
        share = min(self._epoch / max(self._config.epochs, 1), 1.0)
        return LAST_STEP + (1 - LAST_STEP) * 0.5 * (1 + math.cos(math.pi * share))

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point and take half the steps from there."""
        self.at, self._count = at, 0
        self._calm /= 2
        self._begin()
