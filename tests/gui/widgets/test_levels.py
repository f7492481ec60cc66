import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.gui.widgets.levels import (
    FULL_CIRCLE,
    common_phase,
    phase_levels,
    robust_levels,
    steady,
    valid_samples,
)


def test_levels_ignore_uncovered_nan_and_hot_pixels() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0.8, 1.2, (300, 300))
    covered = np.ones(values.shape, bool)
    covered[:100], values[:100] = False, 0.0
    values[150, ::20] = 1e6
    values[160, :] = np.nan
    low, high = robust_levels(valid_samples(values, covered))
    assert low == pytest.approx(0.8, abs=0.01)
    assert high == pytest.approx(1.2, abs=0.01)


def test_levels_of_nothing_and_of_a_constant_are_usable() -> None:
    assert robust_levels(np.zeros(0)) == (0.0, 1.0)
    for constant in (0.0, 1.0, -2.0, 1e-12):
        low, high = robust_levels(np.full(50, constant))
        assert low < constant < high


@given(st.integers(1, 400), st.integers(1, 400), st.integers(10, 2000))
def test_samples_are_about_as_many_as_asked(rows: int, cols: int, at_most: int) -> None:
    samples = valid_samples(np.zeros((rows, cols)), None, at_most)
    assert 0 < samples.size <= 2 * at_most + max(rows, cols)


def test_phase_levels_leave_room_so_that_the_ends_of_a_cyclic_map_do_not_meet() -> None:
    phases = np.random.default_rng(0).uniform(-0.6, 0.6, 5000)
    low, high = phase_levels(phases)
    assert low == -high
    assert high == pytest.approx(1.0, abs=0.02)


def test_strong_phases_get_the_full_circle() -> None:
    assert phase_levels(np.linspace(-3, 3, 100)) == FULL_CIRCLE
    assert phase_levels(np.zeros(0)) == FULL_CIRCLE


def test_small_changes_do_not_move_the_levels_and_large_ones_do() -> None:
    assert steady((0.0, 1.0), (0.05, 1.05)) == (0.0, 1.0)
    assert steady((0.0, 1.0), (0.0, 1.5)) == (0.0, 1.5)
    assert steady(None, (0.0, 1.5)) == (0.0, 1.5)


@given(st.floats(-3.1, 3.1))
def test_common_phase_finds_what_most_pixels_share(offset: float) -> None:
    phases = np.where(np.arange(1000) % 4 == 0, -0.8, 0.0)
    found = common_phase(np.exp(1j * (phases + offset)))
    assert abs(np.angle(np.exp(1j * (found - offset)))) < 1e-6


def test_common_phase_of_nothing_is_zero() -> None:
    assert common_phase(np.zeros(0, complex)) == 0.0
    assert common_phase(np.array([1, -1], complex)) == 0.0
