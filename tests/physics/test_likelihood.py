import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptygui.physics.likelihood import ResidualSums, amplitude_mae, poisson_deviance


def test_amplitude_mae_by_hand():
    measured, computed = torch.tensor([[1.0, 3.0], [0.0, 4.0]]), torch.tensor([[2.0, 1.0], [1.0, 4.0]])
    assert amplitude_mae(measured, computed).item() == pytest.approx(4 / 8)
    good = torch.tensor([[True, False], [True, True]])
    assert amplitude_mae(measured, computed, good).item() == pytest.approx(2 / 5)


def test_poisson_deviance_by_hand():
    counts, expected = np.array([0.0, 1.0, 4.0]), np.array([2.0, 1.0, 1.0])
    by_hand = [2 * 2, 0, 2 * (1 - 4 + 4 * np.log(4))]
    measured, computed = (torch.from_numpy(np.sqrt(values))[None, None] for values in (counts, expected))
    assert poisson_deviance(measured, computed).item() == pytest.approx(np.mean(by_hand), rel=1e-6)
    good = torch.tensor([[True, False, True]])
    assert poisson_deviance(measured, computed, good).item() == pytest.approx(
        (by_hand[0] + by_hand[2]) / 2, rel=1e-6
    )


@given(st.integers(0, 100), st.integers(0, 10_000))
def test_poisson_deviance_is_least_and_zero_where_all_is_explained(count, other):
    measured, computed = (torch.full((1, 2, 2), value**0.5, dtype=torch.float64) for value in (count, other))
    assert poisson_deviance(measured, measured).item() == pytest.approx(0, abs=1e-6)
    assert poisson_deviance(measured, computed).item() >= -1e-6
    if count != other:
        assert poisson_deviance(measured, computed).item() > 1e-6


@pytest.mark.parametrize("photons", [50.0, 2e4])
def test_where_noise_alone_is_left_the_deviance_is_about_one(photons):
    counts = np.random.default_rng(0).poisson(photons, (4, 256, 256))
    measured = torch.from_numpy(np.sqrt(counts))
    computed = torch.full(measured.shape, photons**0.5, dtype=torch.float64)
    expectation = 1 + 1 / (6 * photons)  # asymptotic, McCullagh & Nelder
    assert poisson_deviance(measured, computed).item() == pytest.approx(expectation, abs=0.012)


@pytest.mark.parametrize("loss", [amplitude_mae, poisson_deviance])
def test_what_bad_pixels_hold_never_counts(loss):
    generator = torch.Generator().manual_seed(0)
    measured, computed = torch.rand(2, 3, 8, 8, generator=generator)
    good = torch.rand(8, 8, generator=generator) > 0.3
    whole = torch.where(good, measured, 12345.0)
    torch.testing.assert_close(loss(whole, computed, good), loss(measured, computed, good))
    assert abs(loss(whole, computed) / loss(measured, computed, good) - 1).item() > 0.1


def test_residual_sums_are_those_of_numpy_batch_by_batch():
    rng = np.random.default_rng(0)
    measured, computed = rng.uniform(0, 300, (2, 7, 16, 16)).astype(np.float32)
    good = rng.random((16, 16)) > 0.2
    sums = ResidualSums()
    for part in (slice(0, 3), slice(3, 7)):
        a, f = torch.from_numpy(measured[part]), torch.from_numpy(computed[part])
        sums.add(a, f, torch.from_numpy(good))
    a, f = measured[:, good].astype(np.float64), computed[:, good].astype(np.float64)
    assert sums.r1 == pytest.approx(np.abs(a - f).sum() / a.sum(), rel=1e-6)
    assert sums.r2 == pytest.approx(np.sqrt(((a - f) ** 2).sum() / (a**2).sum()), rel=1e-6)


def test_without_bad_pixels_all_count():
    sums = ResidualSums()
    sums.add(torch.tensor([[[3.0, 4.0]]]), torch.tensor([[[3.0, 1.0]]]))
    assert (sums.r1, sums.r2) == (pytest.approx(3 / 7), pytest.approx(3 / 5))
