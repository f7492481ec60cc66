import numpy as np
import pytest
import torch

from ptygui.core.canvas import Canvas, finish
from ptygui.core.events import JobControl, Notice, Preview, Progress
from ptygui.core.evidence import Residual
from ptygui.core.probe import intensity_weights
from ptygui.core.shift import shift_subpixel, split_positions
from ptygui.reconstruct.fold import add_finite
from ptygui.reconstruct.polish import Polisher, mean_object, polish
from ptygui.reconstruct.source import batches_of

SIZE = 32


def canvas_of(scan, make_patches):
    canvas = Canvas()
    batch = scan.batch(np.arange(len(scan)))
    add_finite(canvas, batch, make_patches(batch), intensity_weights(scan.probe))
    return canvas


def flat(batch):
    return np.ones((len(batch.indices), SIZE, SIZE), np.complex64)


class Run:
    """A polish with all its events."""

    def __init__(self, scan, canvas, steps, batch_size=16, control=None):
        self.polisher = Polisher(canvas, torch.from_numpy(scan.probe), scan.bad_pixels)
        self.events = []
        events = polish(
            self.polisher,
            lambda: batches_of(scan, np.array(sorted(canvas.seen)), batch_size),
            steps,
            total=len(canvas.seen),
            batch_size=batch_size,
            control=control or JobControl(),
        )
        while True:
            try:
                self.events.append(next(events))
            except StopIteration as stop:
                self.outcome = stop.value
                return

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


def residual_in_numpy(scan, values, origin):
    """R1 and R2 of an object by their definition, in float64 and with numpy alone."""
    corners, rests = split_positions(scan.positions_px, (SIZE, SIZE))
    good = np.ones((SIZE, SIZE), bool) if scan.bad_pixels is None else ~scan.bad_pixels
    absolute = amplitude = squared = intensity = 0.0
    for index, ((row, col), rest) in enumerate(zip(corners - origin, rests, strict=True)):
        patch = values[row : row + SIZE, col : col + SIZE].astype(np.complex128)
        wave = patch * shift_subpixel(scan.probe.astype(np.complex128), np.repeat(rest[None], 1, axis=0))
        far = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(wave, axes=(-2, -1)), norm="ortho"), (-2, -1))
        computed = np.sqrt((np.abs(far) ** 2).sum(axis=0))[good]
        measured = np.sqrt(scan.patterns.data[index].astype(np.float64))[good]
        absolute += np.abs(measured - computed).sum()
        amplitude += measured.sum()
        squared += ((measured - computed) ** 2).sum()
        intensity += (measured**2).sum()
    return Residual(absolute / amplitude, np.sqrt(squared / intensity))


def complex_error(values, truth, weights):
    """Relative error after the best global complex factor, where the object was lit."""
    lit = weights > 0.1 * weights.max()
    a, b = values[lit], truth[lit]
    factor = np.vdot(a, b) / np.vdot(a, a)
    return np.linalg.norm(factor * a - b) / np.linalg.norm(b)


def truth_on(canvas, truth):
    row, col, end_row, end_col = canvas.box
    return truth[row:end_row, col:end_col]


@pytest.mark.parametrize("name", ["scan", "bad_scan"])
def test_residuals_equal_their_definition_before_and_after(name, request):
    scan = request.getfixturevalue(name)
    canvas = canvas_of(scan, flat)
    run = Run(scan, canvas, 2)
    before = residual_in_numpy(scan, mean_object(canvas), canvas.origin)
    after = residual_in_numpy(scan, run.polisher.values.numpy(), canvas.origin)
    for found, expected in ((run.outcome.residuals[0], before), (run.outcome.residuals[2], after)):
        assert found.r1 == pytest.approx(expected.r1, rel=1e-4)
        assert found.r2 == pytest.approx(expected.r2, rel=1e-4)


def test_the_true_object_has_no_residual_and_stays(whole_pixel_scan, oracle, truth):
    canvas = canvas_of(whole_pixel_scan, oracle)
    run = Run(whole_pixel_scan, canvas, 2)
    assert run.outcome.residuals[0].r1 < 1e-5
    values = run.polisher.image().values
    covered = finish(canvas).covered
    np.testing.assert_allclose(values[covered], truth_on(canvas, truth)[covered], atol=5e-3)


@pytest.mark.parametrize("name", ["scan", "bad_scan"])
def test_polish_lowers_residual_and_complex_error(name, request, truth):
    scan = request.getfixturevalue(name)
    canvas = canvas_of(scan, flat)
    expected = truth_on(canvas, truth)
    errors = [
        complex_error(Run(scan, canvas, steps).polisher.values.numpy(), expected, canvas.weights)
        for steps in (0, 2, 10)
    ]
    residuals = [residual.r1 for residual in Run(scan, canvas, 10).outcome.residuals]
    assert residuals[2] < 0.6 * residuals[0]
    assert residuals[10] < 0.3 * residuals[0]
    assert errors[2] < errors[1] < errors[0]


def test_three_steps_follow_the_formula_of_averaged_projections_with_momentum(scan):
    """v <- 0.2 v + sum conj(P)(psi' - psi) / (sum|P|² + 0.05 max|P|²), in float64 with numpy."""
    canvas = canvas_of(scan, flat)
    values = mean_object(canvas).astype(np.complex128)
    velocity = np.zeros_like(values)
    probe = scan.probe.astype(np.complex128)
    floor = 1e-3 * np.sqrt(np.sum(np.abs(probe) ** 2) / SIZE**2)
    corners, rests = split_positions(scan.positions_px, (SIZE, SIZE))
    for _ in range(3):
        numerator, power = np.zeros_like(values), np.zeros(values.shape)
        for index, ((row, col), rest) in enumerate(zip(corners - canvas.origin, rests, strict=True)):
            area = np.s_[row : row + SIZE, col : col + SIZE]
            moved = shift_subpixel(probe, rest[None])[0]
            wave = moved * values[area]
            far = np.fft.fft2(np.fft.ifftshift(wave), norm="ortho")
            measured = np.sqrt(np.fft.ifftshift(scan.patterns.data[index].astype(np.float64)))
            projected = np.fft.fftshift(np.fft.ifft2(far * measured / (np.abs(far) + floor), norm="ortho"))
            numerator[area] += moved.conj() * (projected - wave)
            power[area] += np.abs(moved) ** 2
        velocity = 0.2 * velocity + numerator / (power + 0.05 * np.abs(probe[0]).max() ** 2)
        values = values + velocity
    found = Run(scan, canvas, 3).polisher.values.numpy()
    np.testing.assert_allclose(found, values, atol=2e-4)


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_the_batch_size_does_not_change_the_result(scan, batch_size):
    canvas = canvas_of(scan, flat)
    reference = Run(scan, canvas, 2).polisher.values
    torch.testing.assert_close(Run(scan, canvas, 2, batch_size).polisher.values, reference, atol=2e-5, rtol=0)


def test_no_steps_measure_the_residual_and_leave_the_object(scan):
    canvas = canvas_of(scan, flat)
    run = Run(scan, canvas, 0)
    assert run.outcome.steps == 0
    assert len(run.outcome.residuals) == 1
    np.testing.assert_array_equal(run.polisher.values.numpy(), mean_object(canvas))
    assert {p.stage for p in run.of(Progress)} == {"Comparing with the data"}


def test_progress_covers_all_passes_and_the_last_step_is_shown(scan):
    run = Run(scan, canvas_of(scan, flat), 2, batch_size=100)
    assert [p.done for p in run.of(Progress)] == [100, 144, 244, 288, 388, 432]
    assert run.of(Progress)[-1].total == 432
    last = run.of(Preview)[-1]
    assert last.stage == "polished"
    np.testing.assert_array_equal(last.image.values, run.polisher.image().values)


def test_stopping_keeps_the_last_complete_step(scan):
    canvas = canvas_of(scan, flat)
    control = JobControl()
    polisher = Polisher(canvas, torch.from_numpy(scan.probe))
    events = polish(
        polisher,
        lambda: batches_of(scan, np.arange(len(scan)), 50),
        5,
        total=len(scan),
        batch_size=50,
        control=control,
    )
    for event in events:
        if isinstance(event, Progress) and event.done == 144 + 50:
            control.stop_and_keep()
            break
    with pytest.raises(StopIteration) as stop:
        while True:
            next(events)
    assert stop.value.value.stopped
    assert stop.value.value.steps == 1
    torch.testing.assert_close(polisher.values, Run(scan, canvas, 1).polisher.values)


def test_running_out_of_memory_halves_the_batch_and_counts_no_pattern_twice(scan, monkeypatch):
    canvas = canvas_of(scan, flat)
    reference = Run(scan, canvas, 2).polisher.values
    look = Polisher.look

    def cramped(self, batch):
        share = look(self, batch)
        if len(batch.indices) > 9:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return share

    monkeypatch.setattr(Polisher, "look", cramped)
    run = Run(scan, canvas, 2, batch_size=30)
    assert [n.text for n in run.of(Notice)] == [
        "Memory ran out with batches of 30 patterns; going on with batches of 15.",
        "Memory ran out with batches of 15 patterns; going on with batches of 7.",
    ]
    torch.testing.assert_close(run.polisher.values, reference, atol=2e-5, rtol=0)
