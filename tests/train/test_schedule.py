import math

import pytest

from ptygui.train.schedule import rate_factor


def factor(step: int, progress: float) -> float:
    return rate_factor(step, progress, warmup_steps=30, final_rate=0.02)


def test_values_by_hand():
    assert factor(0, 0.0) == pytest.approx(1 / 30)
    assert factor(14, 0.0) == pytest.approx(0.5)
    assert factor(100, 0.0) == pytest.approx(1.0)
    assert factor(100, 0.5) == pytest.approx(0.51)
    assert factor(100, 0.25) == pytest.approx(0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi / 4)))
    assert factor(100, 1.0) == pytest.approx(0.02)
    assert factor(100, 1.7) == pytest.approx(0.02)
    assert rate_factor(0, 0.0, warmup_steps=0, final_rate=0.02) == 1.0


def test_it_rises_then_falls():
    values = [factor(step, step / 300) for step in range(301)]
    top = values.index(max(values))
    assert values[:top] == sorted(values[:top])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert top == pytest.approx(30, abs=1)
