import threading

import numpy as np
import pytest

from ptygui.core.canvas import Canvas, finish
from ptygui.core.events import JobControl, Notice, Preview, Progress
from ptygui.core.probe import intensity_weights
from ptygui.reconstruct import pace
from ptygui.reconstruct.fold import fold
from ptygui.reconstruct.source import batches_of, prefetched


class Run:
    """A fold with all its events."""

    def __init__(self, scan, make_patches, batch_size=8, control=None):
        self.canvas = Canvas()
        self.events = []
        batches = prefetched(batches_of(scan, np.arange(len(scan)), batch_size))
        self.iterator = fold(
            batches,
            make_patches,
            self.canvas,
            intensity_weights(scan.probe),
            total=len(scan),
            batch_size=batch_size,
            control=control or JobControl(),
        )

    def to_end(self):
        while True:
            try:
                self.events.append(next(self.iterator))
            except StopIteration as stop:
                self.outcome = stop.value
                return self

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def inside(scan, truth, image):
    """The picture and the truth in the same place."""
    row, col = (int(v) for v in image.origin_px)
    rows, cols = image.values.shape
    return image.values, truth[row : row + rows, col : col + cols]


def test_true_patches_give_the_true_object(whole_pixel_scan, truth, oracle):
    run = Run(whole_pixel_scan, oracle).to_end()
    image = finish(run.canvas)
    values, expected = inside(whole_pixel_scan, truth, image)
    np.testing.assert_allclose(values[image.covered], expected[image.covered], atol=2e-6)
    assert image.covered.mean() > 0.3
    assert run.canvas.seen == set(range(len(whole_pixel_scan)))


@pytest.mark.parametrize("batch_size", [1, 5, 1000])
def test_the_batch_size_does_not_change_the_object(scan, oracle, batch_size):
    reference = finish(Run(scan, oracle, 16).to_end().canvas)
    image = finish(Run(scan, oracle, batch_size).to_end().canvas)
    np.testing.assert_allclose(image.values, reference.values, atol=5e-6)


def test_progress_counts_patterns_up_to_all(scan, oracle):
    run = Run(scan, oracle, 50).to_end()
    assert [(p.done, p.total) for p in run.of(Progress)] == [(50, 144), (100, 144), (144, 144)]
    assert run.of(Progress)[-1].remaining_s == 0
    assert run.of(Progress)[-1].rate_per_s > 0


def test_previews_are_paced_and_the_last_state_is_shown(scan, oracle, monkeypatch):
    now = [0.0]

    def ticking():
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(pace.time, "perf_counter", ticking)
    run = Run(scan, oracle, 1).to_end()
    previews = run.of(Preview)
    assert 2 < len(previews) <= now[0] * 5 + 2
    assert previews[0].coverage == pytest.approx(1 / 144)
    assert previews[-1].coverage == 1
    assert sorted(previews[-1].seen) == list(range(144))
    np.testing.assert_array_equal(previews[-1].image.values, finish(run.canvas).values)


def test_large_canvases_are_previewed_strided():
    assert pace.preview_stride((512, 300)) == 1
    assert pace.preview_stride((300, 513)) == 2
    assert pace.preview_stride((4096, 4096)) == 8


def test_patches_that_are_not_finite_are_counted_and_left_out(scan, oracle):
    def sometimes_broken(batch):
        patches = oracle(batch)
        patches[batch.indices % 10 == 3, 4, 4] = np.nan
        patches[batch.indices % 10 == 7, 0, 0] = np.inf
        return patches

    run = Run(scan, sometimes_broken, 16).to_end()
    assert run.outcome.lost == 29
    assert run.canvas.seen == {i for i in range(144) if i % 10 not in (3, 7)}
    assert set(run.of(Preview)[-1].seen) == run.canvas.seen
    assert np.isfinite(finish(run.canvas).values).all()
    assert run.of(Preview)[-1].coverage == pytest.approx(115 / 144)


def test_if_nothing_is_finite_there_is_no_preview(scan):
    run = Run(scan, lambda batch: np.full((len(batch.indices), 32, 32), np.nan, np.complex64)).to_end()
    assert run.outcome.lost == 144
    assert not run.of(Preview)


def test_closing_cancels_within_a_batch_and_leaves_no_thread(scan, oracle):
    seen = []
    run = Run(scan, lambda batch: seen.append(len(batch.indices)) or oracle(batch), 5)
    next(run.iterator)
    before = len(seen)
    run.iterator.close()
    assert len(seen) == before == 1
    assert not [t for t in threading.enumerate() if t.name.startswith("ptygui")]


def test_stop_keeps_what_is_there(scan, oracle):
    control = JobControl()
    run = Run(scan, lambda batch: control.stop_and_keep() or oracle(batch), 10, control).to_end()
    assert run.outcome.stopped
    assert run.canvas.seen == set(range(10))
    assert run.of(Preview)[-1].coverage == pytest.approx(10 / 144)


def test_a_stop_after_the_last_batch_changes_nothing(scan, oracle):
    control = JobControl()
    run = Run(scan, lambda batch: control.stop_and_keep() or oracle(batch), 200, control).to_end()
    assert not run.outcome.stopped


def test_running_out_of_memory_halves_the_batch_and_the_object_is_the_same(scan, oracle):
    def cramped(batch):
        if len(batch.indices) > 6:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
        return oracle(batch)

    run = Run(scan, cramped, 20).to_end()
    assert [n.text for n in run.of(Notice)] == [
        "Memory ran out with batches of 20 patterns; going on with batches of 10.",
        "Memory ran out with batches of 10 patterns; going on with batches of 5.",
    ]
    reference = finish(Run(scan, oracle, 20).to_end().canvas)
    np.testing.assert_allclose(finish(run.canvas).values, reference.values, atol=5e-6)
