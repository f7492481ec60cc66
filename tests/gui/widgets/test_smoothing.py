import numpy as np
import pytest

from ptygui.gui.widgets.smoothing import smooth_line, smoothed
from ptygui.gui.widgets.thinning import thinned


def by_hand(x: np.ndarray, value: np.ndarray, smoothing: float, unit: float) -> np.ndarray:
    return np.array(
        [np.average(value[: k + 1], weights=smoothing ** ((x[k] - x[: k + 1]) / unit)) for k in range(len(x))]
    )


def test_the_average_is_the_weighted_one_from_the_first_value_on() -> None:
    value = np.array([3.0, 1.0, 2.0, 8.0, 5.0])
    x = np.array([0.0, 1.0, 2.0, 10.0, 11.0])
    assert smoothed(x, value, 0.7) == pytest.approx(by_hand(x, value, 0.7, 1.0))


def test_a_long_curve_is_summed_in_blocks_without_overflow() -> None:
    x, value = np.arange(3000.0), np.random.default_rng(1).random(3000)
    assert smoothed(x, value, 1e-3) == pytest.approx(by_hand(x, value, 1e-3, 2999 / 300))


def test_what_is_not_finite_stays_and_weighs_nothing() -> None:
    value = np.array([1.0, np.nan, 3.0, np.inf, 2.0])
    found = smoothed(np.arange(5.0), value, 0.5)
    assert np.isnan(found[1])
    assert np.isinf(found[3])
    assert found[2] == pytest.approx((3 + 0.25) / 1.25)


def test_no_smoothing_and_a_constant_change_nothing() -> None:
    value = np.array([1.0, 5.0, 2.0])
    assert smoothed(np.arange(3.0), value, 0.0) is value
    assert smoothed(np.arange(9.0), np.full(9, 0.25), 0.99) == pytest.approx(np.full(9, 0.25))


def test_a_very_long_curve_keeps_its_shape_with_fewer_points() -> None:
    x = np.arange(100_000.0)
    value = np.exp(-x / 30_000)
    at, line = smooth_line(x, value, 0.8)
    assert at.size <= 10_000
    assert at[-1] == x[-1]
    assert np.interp(50_000, at, line) == pytest.approx(value[50_000], rel=0.06)


def test_thinning_bounds_the_points_and_keeps_the_extremes() -> None:
    x, y = np.arange(100_000.0), np.random.default_rng(2).random(100_000)
    y[54_321], y[77] = 9.0, -9.0
    at, kept = thinned(x, y, 0, 1e5, 600)
    assert kept.size <= 4 * 600 + 4
    assert (kept.min(), kept.max()) == (-9, 9)
    assert (np.diff(at) >= 0).all()


def test_thinning_leaves_what_is_in_view_when_that_is_little() -> None:
    x = np.arange(100_000.0)
    at, _ = thinned(x, x, 500.0, 520.0, 600)
    assert at[0] <= 500
    assert at[-1] >= 520
    assert at.size <= 24


def test_gaps_stay_gaps_and_single_missing_values_hide_nothing() -> None:
    x, y = np.arange(100_000.0), np.ones(100_000)
    y[::7] = np.nan
    y[40_000:60_000] = np.nan
    at, kept = thinned(x, y, 0, 1e5, 500)
    inside = (at > 41_000) & (at < 59_000)
    assert np.isnan(kept[inside]).all()
    assert np.isfinite(kept[(at < 39_000) | (at > 61_000)]).all()


def test_points_that_arrive_do_not_regroup_the_old_ones() -> None:
    y = np.random.default_rng(3).random(100_100)
    x = np.arange(100_100.0)
    _, before = thinned(x[:100_000], y[:100_000], 0, 1e5, 500)
    _, after = thinned(x, y, 0, 1e5, 500)
    assert np.array_equal(before[:700], after[:700])


@pytest.mark.parametrize("n", [0, 1])
def test_hardly_any_points_are_no_trouble(n: int) -> None:
    x = np.arange(float(n))
    assert thinned(x, x, 0, 1, 100)[0].size == n
    assert smooth_line(x, x, 0.9)[1].size == n
