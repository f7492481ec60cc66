import numpy as np
import pytest
import torch

from ptygui.core.simulate import expected_intensities
from ptygui.physics.forward import amplitudes, exit_waves, good_pixels, measured_amplitude, modulus
from ptygui.physics.likelihood import poisson_deviance
from ptygui.physics.patches import layout


@pytest.mark.parametrize("modes", [1, 2])
def test_it_is_the_independent_simulation_at_fractional_positions(experiment, modes):
    probe = experiment.probe[:modes]
    expected = expected_intensities(experiment.truth.numpy(), probe.numpy(), experiment.positions.numpy())
    where = layout(experiment.positions, experiment.groups, probe.shape[1:])
    row, col = where.origins[0].tolist()
    rows, cols = where.canvases[1:]
    canvas = experiment.truth[None, row : row + rows, col : col + cols]
    computed = amplitudes(where.extract(canvas), where.shift_probe(probe))
    # single precision in the shift; a tiny constant under the square root
    np.testing.assert_allclose(computed.numpy(), np.sqrt(expected), atol=1e-4)
    assert computed.max() > 30


def test_modes_add_in_intensity_not_in_amplitude():
    waves = torch.tensor([[[[3.0 + 0j]], [[4j]]]])
    assert modulus(waves).item() == pytest.approx(5)


def test_an_exit_wave_is_patch_times_each_mode():
    patches = torch.randn(3, 4, 4, dtype=torch.complex64, generator=torch.Generator().manual_seed(0))
    probe = torch.randn(2, 4, 4, dtype=torch.complex64, generator=torch.Generator().manual_seed(1))
    waves = exit_waves(patches, probe)
    assert waves.shape == (3, 2, 4, 4)
    torch.testing.assert_close(waves[2, 1], patches[2] * probe[1])
    torch.testing.assert_close(exit_waves(patches, probe.expand(3, 2, 4, 4)), waves)


def test_the_gradient_is_finite_where_nothing_arrives():
    patches = torch.zeros(1, 4, 4, dtype=torch.complex64, requires_grad=True)
    amplitudes(patches, torch.ones(1, 4, 4, dtype=torch.complex64)).sum().backward()
    assert patches.grad is not None
    assert patches.grad.isfinite().all()


def test_the_gradient_is_that_of_finite_differences_for_object_and_probe():
    generator = torch.Generator().manual_seed(0)
    positions = torch.tensor([[0.2, 0.4], [2.7, 1.1], [1.0, 3.3]], dtype=torch.float64)
    where = layout(positions, torch.zeros(3, dtype=torch.int64), (5, 6))
    canvas = torch.randn(where.canvases, dtype=torch.complex128, generator=generator, requires_grad=True)
    probe = torch.randn(2, 5, 6, dtype=torch.complex128, generator=generator, requires_grad=True)
    measured = 1 + torch.rand(3, 5, 6, dtype=torch.float64, generator=generator)

    def loss(canvas: torch.Tensor, probe: torch.Tensor) -> torch.Tensor:
        return poisson_deviance(measured, amplitudes(where.extract(canvas), where.shift_probe(probe)))

    assert torch.autograd.gradcheck(loss, (canvas, probe))


def test_measured_amplitudes_are_roots_of_counts_and_zero_where_nothing_was_measured():
    counts = torch.tensor([[[9.0, -4.0], [float("nan"), 4e9]], [[0.0, 16.0], [1.0, float("inf")]]])
    good = good_pixels(np.array([[False, False], [True, True]]))
    assert measured_amplitude(counts, good).tolist() == [[[3, 0], [0, 0]], [[0, 4], [0, 0]]]
    assert good_pixels(None) is None
    assert measured_amplitude(torch.full((1, 1, 1), 9.0)).item() == 3
