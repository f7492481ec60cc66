"""The metric: symmetric, positive, and quick where phases vary slowly. L-BFGS on what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ptygui.physics.metric import Metric, diameter_px
from ptygui.physics.quasi_newton import QuasiNewton
from ptygui.physics.slope import Slope
from ptygui.physics.unknowns import Unknowns

ROWS, COLS, SIZE, COUNT = 60, 70, 16, 9


def point(seed: int) -> Unknowns:
    chance = torch.Generator().manual_seed(seed)

    def some(*shape: int, dtype: torch.dtype = torch.complex128) -> torch.Tensor:
        return torch.randn(shape, dtype=dtype, generator=chance)

    real = torch.float64
    return Unknowns(
        some(ROWS, COLS), some(2, SIZE, SIZE), some(COUNT, 2, dtype=real), some(COUNT, dtype=real),
        some(SIZE, SIZE, dtype=real),
    )  # fmt: skip


@pytest.fixture
def metric() -> Metric:
    at = point(0)
    slope = Slope.empty(at)
    y, x = torch.meshgrid(torch.linspace(-1, 1, ROWS), torch.linspace(-1, 1, COLS), indexing="ij")
    slope.illumination.copy_(torch.exp(-2 * (y**2 + x**2)))
    slope.sensitivity.fill_(5.0)
    return Metric.at(at, slope)


@pytest.mark.parametrize("seed", range(1, 6))
def test_it_is_symmetric_and_positive(metric: Metric, seed: int) -> None:
    a, b = point(seed), point(seed + 100)
    assert a.dot(metric(b)) == pytest.approx(metric(a).dot(b), rel=1e-9)
    assert a.dot(metric(a)) > 0


def test_slow_phases_get_longer_steps_than_fast_ones_and_than_amplitudes() -> None:
    at = Unknowns.start(torch.ones(64, 64, dtype=torch.complex128), point(0).probe, COUNT)
    slope = Slope.empty(at)
    slope.illumination.fill_(3.0)
    slope.sensitivity.fill_(1.0)
    metric = Metric.at(at, slope)

    def length(gradient: torch.Tensor) -> float:
        direction = Unknowns(gradient, *(part for part in at.zeros()._parts()[1:]))
        return direction.dot(metric(direction)) / direction.dot(direction)

    def wave(periods: int) -> torch.Tensor:
        return torch.cos(2 * torch.pi * periods * torch.arange(64) / 64).expand(64, 64).to(torch.complex128)

    assert length(1j * wave(1)) > 5 * length(1j * wave(20))
    assert length(wave(1)) == pytest.approx(length(wave(20)))


def test_the_diameter_is_that_of_the_uniform_disk() -> None:
    y, x = np.mgrid[:64, :64] - 32
    disk = torch.from_numpy((np.hypot(y, x) < 12).astype(np.complex64))[None]
    assert diameter_px(disk) == pytest.approx(24, rel=0.02)


def test_a_quadratic_is_minimised_in_as_many_steps_as_it_has_curvatures() -> None:
    curvatures = torch.tensor([1.0, 4.0, 9.0, 25.0], dtype=torch.float64).repeat(COUNT)[:COUNT]
    target = point(3)
    at = target.zeros()
    memory = QuasiNewton()

    def gradient(where: Unknowns) -> Unknowns:
        return where.minus(target)._pairwise(where, lambda a, _: a * curvatures if a.shape == (COUNT,) else a)

    slope = gradient(at)
    for _ in range(12):
        step = memory.direction(slope, lambda g: g)
        curved = gradient(at.plus(step)).minus(slope)
        step = step.times(-slope.dot(step) / step.dot(curved))  # an exact line search
        found = gradient(at.plus(step))
        memory.learn(step, found.minus(slope))
        at, slope = at.plus(step), found
        if slope.dot(slope) < 1e-18:
            break
    assert slope.dot(slope) < 1e-15


def test_a_direction_goes_downhill_whatever_was_learnt() -> None:
    memory = QuasiNewton()
    for seed in range(10):
        memory.learn(point(seed), point(seed + 50))  # nonsense; what curves the wrong way is left out
    gradient = point(99)
    assert memory.direction(gradient, lambda g: g).dot(gradient) < 0
    memory.forget()
    assert memory.empty
