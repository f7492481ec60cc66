"""The slope of the data: against finite differences in float64, at the truth, and under Poisson noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from ptygui.core.simulate import expected_intensities
from ptygui.physics.slope import Measured, Setting, Slope, look
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.physics.windows import Windows, windows

EVERYTHING = Free(True, True, True, True, True)
PARTS = ("object", "probe", "shifts", "gains", "glow")


def counts_of(experiment, positions=None) -> torch.Tensor:
    """Patterns by core.simulate, (n, H, W) float64, zero frequency at the corner."""
    positions = experiment.positions if positions is None else positions
    patterns = expected_intensities(experiment.truth.numpy(), experiment.probe.numpy(), positions.numpy())
    return torch.from_numpy(np.fft.ifftshift(patterns, axes=(-2, -1)).copy())


def laid_out(experiment) -> tuple[Windows, Unknowns]:
    """Windows on an array of their own, and the truth there."""
    where = windows(experiment.positions, experiment.probe.shape[-2:], 0, dtype=torch.float64)
    row, col = where.origin
    values = experiment.truth[row : row + where.shape[0], col : col + where.shape[1]]
    return where, Unknowns.start(values.clone(), experiment.probe.clone(), len(experiment.positions))


def slope_at(at: Unknowns, counts: torch.Tensor, setting: Setting, free: Free = EVERYTHING) -> Slope:
    total = Slope.empty(at)
    for part in torch.split(torch.arange(len(counts)), 10):
        total.add(look(at, Measured(part, counts[part].sqrt()), setting, free))
    return total.finish(free)


@pytest.fixture
def somewhere(experiment) -> tuple[Windows, Unknowns, torch.Tensor]:
    """A point beside the truth, where every gradient is alive."""
    where, truth = laid_out(experiment)
    noise = torch.Generator().manual_seed(3)

    def beside(part: torch.Tensor, size: float) -> torch.Tensor:
        return part + size * torch.randn(part.shape, dtype=part.dtype, generator=noise)

    # white noise would fill the Nyquist frequency, where a shift of a real image has no derivative
    smooth = torch.fft.ifft2(
        torch.fft.fft2(beside(truth.probe, 0.4)) * (torch.fft.fft2(truth.probe).abs() > 1)
    )
    at = Unknowns(
        beside(truth.object, 0.05),
        smooth,
        beside(truth.shifts, 0.1),
        beside(truth.gains, 0.03),
        beside(truth.glow, 0.3),
    )
    return where, at, counts_of(experiment)


@pytest.mark.parametrize("likelihood", ["amplitude", "poisson"])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("part", PARTS)
def test_the_gradient_is_that_of_finite_differences(somewhere, part, likelihood, masked) -> None:
    where, at, counts = somewhere
    good = None
    if masked:
        good = torch.ones(counts.shape[-2:], dtype=torch.bool)
        good[3:9] = False
        counts = counts * good
    setting = Setting(where, likelihood, good)
    slope = slope_at(at, counts, setting)
    chance = torch.Generator().manual_seed(7)
    towards = torch.randn(getattr(at, part).shape, dtype=getattr(at, part).dtype, generator=chance)
    if part == "probe":
        towards = torch.fft.ifft2(torch.fft.fft2(towards) * (torch.fft.fft2(at.probe).abs() > 1))
    direction = replace(at.zeros(), **{part: towards})
    step = 1e-5
    ahead = slope_at(at.plus(direction, step), counts, setting).tally.value
    behind = slope_at(at.plus(direction, -step), counts, setting).tally.value
    half = (ahead - behind) / (4 * step)
    assert slope.gradient.dot(direction) == pytest.approx(half, rel=2e-5)


@pytest.mark.parametrize("likelihood", ["amplitude", "poisson"])
def test_the_truth_explains_independently_simulated_patterns(experiment, likelihood) -> None:
    where, truth = laid_out(experiment)
    counts = counts_of(experiment)
    slope = slope_at(truth, counts, Setting(where, likelihood))
    left = {"amplitude": 1e-8, "poisson": 1e-3}[likelihood]  # the latter expects a hundredth of a count more
    assert slope.tally.value < left * float(counts.sum())
    assert slope.gradient.dot(slope.gradient) < left * float(counts.sum())


def test_what_may_not_move_has_no_gradient(somewhere) -> None:
    where, at, counts = somewhere
    for part in PARTS:
        names = {"shifts": "positions"}
        free = Free(**{names.get(name, name): name == part for name in PARTS})
        gradient = slope_at(at, counts, Setting(where), free).gradient
        moving = {name for name in PARTS if float(getattr(gradient, name).abs().sum()) > 0}
        assert moving == {part}


@pytest.mark.parametrize("likelihood", ["amplitude", "poisson"])
def test_bad_pixels_count_nothing_whatever_they_hold(somewhere, likelihood) -> None:
    where, at, counts = somewhere
    good = torch.ones(counts.shape[-2:], dtype=torch.bool)
    good[0, :5] = False
    wild = counts.clone()
    wild[:, 0, :5] = 4e9
    setting = Setting(where, likelihood, good)
    calm, excited = slope_at(at, counts, setting), slope_at(at, wild, setting)
    assert excited.tally.value == calm.tally.value
    torch.testing.assert_close(excited.gradient.object, calm.gradient.object)
    assert slope_at(at, wild, Setting(where, likelihood)).tally.value > 1e6 * calm.tally.value


def test_the_poisson_likelihood_is_unbiased_at_ten_counts_a_pixel(experiment) -> None:
    """At the truth its slope along the brightness vanishes on average; that of amplitudes does not."""
    where, truth = laid_out(experiment)
    expected = counts_of(experiment)
    expected = expected * (10 / expected.mean())
    bright = replace(truth, probe=truth.probe * float((10 / counts_of(experiment).mean()).sqrt()))
    chance = np.random.default_rng(11)
    slopes = {"poisson": [], "amplitude": []}
    for _ in range(12):
        counts = torch.from_numpy(chance.poisson(expected.numpy()).astype(float))
        for likelihood, found in slopes.items():
            gains = slope_at(bright, counts, Setting(where, likelihood)).gradient.gains  # type: ignore[arg-type]
            found.append(float(gains.sum()) / float(expected.sum()))
    spread = np.std(slopes["poisson"]) / np.sqrt(12)
    assert abs(np.mean(slopes["poisson"])) < 4 * spread
    assert abs(np.mean(slopes["amplitude"])) > 10 * spread


def test_windows_cut_and_add_are_adjoint(experiment) -> None:
    where, truth = laid_out(experiment)
    chosen = torch.arange(5, 17)
    addresses = where.addresses(chosen)
    chance = torch.Generator().manual_seed(1)
    stack = torch.randn(len(chosen), *where.window, dtype=torch.complex128, generator=chance)
    total = torch.zeros(where.shape, dtype=torch.complex128)
    where.add(total, stack, addresses)
    inside = (where.cut(truth.object, addresses).conj() * stack).sum()
    torch.testing.assert_close((truth.object.conj() * total).sum(), inside)
