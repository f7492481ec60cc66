import numpy as np
import pytest
import torch

from ptygui.core.canvas import Canvas
from ptygui.core.events import JobControl
from ptygui.core.scan import Batch
from ptygui.physics.forward import amplitudes, exit_waves
from ptygui.physics.likelihood import amplitude_mae
from ptygui.physics.patches import Layout, layout
from ptygui.physics.projections import amplitude_floor, correct_exit_waves, object_update, polish
from ptygui.physics.propagate import to_detector
from ptygui.reconstruct.polish import MOMENTUM, Polisher, mean_object
from ptygui.reconstruct.polish import polish as streamed_polish


class Problem:
    """Truth, data and layout of the experiment, ready to project."""

    def __init__(self, experiment) -> None:
        self.probe = experiment.probe
        self.where = layout(experiment.positions, experiment.groups, self.probe.shape[1:])
        row, col = self.where.origins[0].tolist()
        _, rows, cols = self.where.canvases
        self.truth = experiment.truth[None, row : row + rows, col : col + cols]
        self.flat = torch.ones_like(self.truth)
        self.measured = self.computed(self.truth)

    def computed(self, canvas: torch.Tensor) -> torch.Tensor:
        return amplitudes(self.where.extract(canvas), self.where.shift_probe(self.probe))

    def r1(self, canvas: torch.Tensor) -> float:
        return amplitude_mae(self.measured, self.computed(canvas)).item()

    def polish(self, canvas: torch.Tensor, steps: int, good: torch.Tensor | None = None) -> torch.Tensor:
        return polish(canvas, self.probe, self.measured, self.where, steps, good)


@pytest.fixture
def problem(experiment) -> Problem:
    return Problem(experiment)


def test_the_projected_wave_has_the_measured_modulus_and_its_own_phase(problem):
    waves = exit_waves(problem.where.extract(problem.flat), problem.where.shift_probe(problem.probe))
    correction, computed = correct_exit_waves(waves, problem.measured, 0.0)
    before, after = to_detector(waves), to_detector(waves + correction)
    modulus = after.abs().square().sum(dim=1).sqrt()
    lit = computed > 1e-4  # where the flat object sends nothing there is no phase to keep
    torch.testing.assert_close(modulus[lit], problem.measured[lit], atol=1e-4, rtol=0)
    torch.testing.assert_close(computed, before.abs().square().sum(dim=1).sqrt(), atol=1e-4, rtol=0)
    strong = before.abs() > 1
    torch.testing.assert_close((after / before).imag[strong], torch.zeros(int(strong.sum())).double())


def test_the_truth_is_a_fixed_point(problem):
    waves = exit_waves(problem.where.extract(problem.truth), problem.where.shift_probe(problem.probe))
    correction, _ = correct_exit_waves(waves, problem.measured, 0.0)
    assert correction.abs().max() < 1e-6 * waves.abs().max()
    # with the floor under the division it moves a little
    assert (problem.polish(problem.truth, 3) - problem.truth).abs().max() < 5e-3
    assert problem.r1(problem.polish(problem.truth, 3)) < 5e-3


def test_steps_explain_the_patterns_ever_better(problem):
    """Momentum overshoots on the way, but the first step and the long run go down."""
    r1 = [problem.r1(problem.polish(problem.flat, steps)) for steps in (0, 1, 10, 40)]
    assert r1[0] > 0.2
    assert r1[1] < 0.8 * r1[0]
    assert r1[2] < 0.6 * r1[1]
    assert r1[3] < 0.6 * r1[2]


def test_polishing_brings_the_object_nearer_to_the_truth(problem):
    _, illumination, _ = object_update(problem.flat, problem.probe, problem.measured, problem.where)
    lit = illumination > 0.2 * illumination.max()

    def error(canvas: torch.Tensor) -> float:
        here, true = canvas[lit], problem.truth[lit]
        phase = torch.vdot(here, true)
        return float((here * phase / phase.abs() - true).abs().square().mean().sqrt())

    assert error(problem.polish(problem.flat, 40)) < 0.65 * error(problem.flat)


def test_the_step_is_that_of_its_formula(problem):
    probes = problem.where.shift_probe(problem.probe).numpy()
    patches = problem.where.extract(problem.flat).numpy()
    floor = amplitude_floor(problem.probe)
    axes = (-2, -1)
    total = np.zeros(problem.where.canvases[1:], complex)
    light = np.zeros(problem.where.canvases[1:])
    row0, col0 = np.array(problem.where.indices[:, 0, 0].numpy()) // total.shape[1], 0
    col0 = problem.where.indices[:, 0, 0].numpy() % total.shape[1]
    for probe, patch, measured, row, col in zip(
        probes, patches, problem.measured.numpy(), row0, col0, strict=True
    ):
        psi = probe * patch
        wave = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(psi, axes), norm="ortho"), axes)
        modulus = np.sqrt((np.abs(wave) ** 2).sum(axis=0))
        wave = wave * measured / (modulus + floor)
        projected = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(wave, axes), norm="ortho"), axes)
        area = np.s_[row : row + patch.shape[0], col : col + patch.shape[1]]
        total[area] += (probe.conj() * (projected - psi)).sum(axis=0)
        light[area] += (np.abs(probe) ** 2).sum(axis=0)
    peak = (np.abs(problem.probe.numpy()) ** 2).sum(axis=0).max()
    expected = 1 + total / (light + 0.05 * peak)
    np.testing.assert_allclose(problem.polish(problem.flat, 1)[0].numpy(), expected, atol=1e-6)
    # 1e-3 of the root-mean-square amplitude of the flat object on the detector
    flat_rms = float(to_detector(problem.probe).abs().square().sum(dim=0).mean().sqrt())
    assert floor == pytest.approx(1e-3 * flat_rms)


def test_it_is_differentiable():
    generator = torch.Generator().manual_seed(0)
    positions = torch.tensor([[0.2, 0.4], [2.7, 1.1], [1.0, 3.3]], dtype=torch.float64)
    where = layout(positions, torch.zeros(3, dtype=torch.int64), (5, 6))
    probe = torch.randn(1, 5, 6, dtype=torch.complex128, generator=generator)
    measured = 1 + torch.rand(3, 5, 6, dtype=torch.float64, generator=generator)
    start = torch.ones(where.canvases, dtype=torch.complex128)
    start = start + 0.1 * torch.randn(start.shape, dtype=torch.complex128, generator=generator)

    def power(canvases: torch.Tensor) -> torch.Tensor:
        return polish(canvases, probe, measured, where, 2).abs().square().sum()

    assert torch.autograd.gradcheck(power, (start.requires_grad_(),))


@pytest.mark.parametrize("held", [4e9, float("nan")])
def test_what_bad_pixels_hold_changes_nothing(problem, held):
    good = torch.ones(problem.measured.shape[1:], dtype=torch.bool)
    good[3:5] = False
    good[12, 12] = False
    without = problem.polish(problem.flat, 3, good)
    assert (without - problem.polish(problem.flat, 3)).abs().max() > 1e-3
    problem.measured = torch.where(good, problem.measured, held)
    assert torch.equal(problem.polish(problem.flat, 3, good), without)


def streamed(canvas: Canvas, probe: torch.Tensor, batches: list[Batch], steps: int):
    polisher = Polisher(canvas, probe)
    work = streamed_polish(
        polisher, lambda: (batch for batch in batches), steps, total=36, batch_size=5, control=JobControl()
    )
    while True:
        try:
            next(work)
        except StopIteration as end:
            return polisher.values, end.value


def test_it_is_what_the_reconstruction_streams(problem, experiment):
    """Both uses of the formula, in memory for training and batch by batch for whole scans, are one."""
    probe, counts = problem.probe.to(torch.complex64), problem.measured.square().float()
    patches = problem.where.extract(problem.truth).to(torch.complex64) * 0.9 + 0.05j
    positions, n = experiment.positions.numpy(), len(experiment.positions)
    canvas = Canvas()
    weights = (probe.abs().square().sum(dim=0) / probe.abs().square().sum(dim=0).max() + 1e-3).numpy()
    canvas.add(patches.numpy(), weights, positions, np.arange(n))
    batches = [Batch(part, counts.numpy()[part], positions[part]) for part in np.array_split(np.arange(n), 8)]
    values, outcome = streamed(canvas, probe, batches, 3)
    start = torch.from_numpy(mean_object(canvas))[None]
    where: Layout = problem.where
    assert canvas.origin == tuple(where.origins[0].tolist())
    in_memory = polish(start, probe, problem.measured.float(), where, 3, momentum=MOMENTUM)
    torch.testing.assert_close(values, in_memory[0], atol=2e-5, rtol=0)
    assert outcome.residuals[0].r1 == pytest.approx(problem.r1(start), rel=1e-4)
    assert outcome.residuals[-1].r1 == pytest.approx(problem.r1(in_memory), rel=1e-4)
