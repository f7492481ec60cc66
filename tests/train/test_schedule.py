import math

import pytest

from ptygui.train.schedule import Plateau, rate_factor


def factor(step: int, progress: float) -> float:
    return rate_factor("cosine", step, progress, warmup_steps=30, final_rate=0.02)


def test_values_by_hand():
    assert factor(0, 0.0) == pytest.approx(1 / 30)
    assert factor(14, 0.0) == pytest.approx(0.5)
    assert factor(100, 0.0) == pytest.approx(1.0)
    assert factor(100, 0.5) == pytest.approx(0.51)
    assert factor(100, 0.25) == pytest.approx(0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi / 4)))
    assert factor(100, 1.0) == pytest.approx(0.02)
    assert factor(100, 1.7) == pytest.approx(0.02)
    assert rate_factor("cosine", 0, 0.0, warmup_steps=0, final_rate=0.02) == 1.0


def test_it_rises_then_falls():
    values = [factor(step, step / 300) for step in range(301)]
    top = values.index(max(values))
    assert values[:top] == sorted(values[:top])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert top == pytest.approx(30, abs=1)


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_the_others_rise_and_stay(schedule):
    values = [rate_factor(schedule, step, step / 10, warmup_steps=2, final_rate=0.02) for step in range(10)]
    assert values == [0.5, *[1.0] * 9]


def test_a_plateau_is_looks_without_one_per_cent_of_progress():
    state, falls = Plateau(), []
    for r1 in (0.5, 0.4, 0.399, 0.397, 0.5, 0.2, 0.3, 0.199, 0.25, 0.25):
        state, fall = state.after(r1, patience=3)
        falls.append(fall)
    assert falls == [False, False, False, False, True, False, False, False, True, False]
    assert state == Plateau(0.2, 1)


def test_a_look_that_is_not_finite_is_no_progress():
    assert Plateau(0.2, 1).after(math.nan, patience=2) == (Plateau(0.2), True)
