"""Curves that grow: sorted, without what was undone, and never changed once handed out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.runs.history import History
from ptygui.runs.layout import MetricRow


def row(step: int, value: float, metric: str = "loss", split: str = "train") -> MetricRow:
    return MetricRow(step, step / 10, split, metric, value)


def points(history: History, split: str = "train", metric: str = "loss") -> dict[float, float]:
    series = history.series(split, metric)
    return dict(zip(series.step.tolist(), series.value.tolist(), strict=True))


def test_curves_are_sorted_out_by_split_and_metric() -> None:
    history = History()
    history.add([row(1, 0.5), row(1, 3.0, "rate"), row(2, 0.25), row(1, 0.75, split="val")])
    assert history.names() == [("train", "loss"), ("train", "rate"), ("val", "loss")]
    assert points(history) == {1: 0.5, 2: 0.25}
    assert history.series("train", "loss").wall_s.tolist() == [0.1, 0.2]
    assert len(history.series("test", "loss").step) == 0


def test_where_a_run_went_back_what_it_had_beyond_is_void() -> None:
    history = History()
    history.add([row(step, 1.0) for step in range(10)])
    history.add([row(step, 2.0) for step in range(6, 8)])
    history.add([row(8, 2.0), row(10, 2.0)])
    assert points(history) == {**dict.fromkeys(range(6), 1.0), 6: 2, 7: 2, 8: 2, 10: 2}


def test_right_after_a_rollback_nothing_of_what_broke_down_is_shown() -> None:
    history = History()
    history.add([row(step, 1.0) for step in range(1, 13)])
    history.add([row(7, 2.0)])
    assert points(history) == {**dict.fromkeys(range(1, 7), 1.0), 7: 2}


@given(
    steps=st.lists(st.integers(0, 30), max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6).map(sorted)
)
def test_any_chunking_gives_the_same_curve(steps: list[int], cuts: list[int]) -> None:
    rows = [row(step, float(number)) for number, step in enumerate(steps)]
    history, start = History(), 0
    for end in [*cuts, len(rows)]:
        history.add(rows[start:end])
        start = max(start, end)
    expected: dict[float, float] = {}
    for r in rows:
        expected = {step: value for step, value in expected.items() if step < r.step} | {r.step: r.value}
    assert points(history) == expected
    assert np.all(np.diff(history.series("train", "loss").step) > 0)


def test_what_was_handed_out_is_never_changed() -> None:
    history = History()
    history.add([row(step, 1.0) for step in range(5)])
    before = history.series("train", "loss")
    assert history.series("train", "loss") is before
    history.add([row(step, 2.0) for step in range(3, 2000)])
    assert before.value.tolist() == [1.0] * 5
    assert len(history.series("train", "loss").step) == 2000
    with pytest.raises(ValueError, match="read-only"):
        before.value[0] = 3


def test_appending_costs_little_however_long_a_curve_is() -> None:
    history = History()
    history.add([row(step, 1.0) for step in range(100_000)])
    column = history._columns["train", "loss"]
    buffer = column._buffer
    for step in range(100_000, 100_500):
        history.add([row(step, 2.0)])
    assert column._buffer is buffer


def test_what_broke_down_is_kept_and_clear_forgets() -> None:
    history = History()
    history.add([row(0, math.nan), row(1, math.inf)])
    assert np.isnan(history.series("train", "loss").value[0])
    history.clear()
    assert history.names() == []
