import numpy as np
import pytest
import torch

from ptygui.core.fourier import detector_intensity, far_field, near_field
from ptygui.physics.propagate import from_detector, to_detector

SHAPES = [(8, 8), (7, 10), (9, 9)]


def waves(shape: tuple[int, int], modes: int = 2) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((modes, *shape)) + 1j * rng.standard_normal((modes, *shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_far_field_is_the_centred_sum_of_its_definition(shape):
    """F(k) = sum_r psi(r) exp(-2 pi i k r / N) / sqrt(N), both counted from [H//2, W//2]."""
    wave = waves(shape, 1)[0]
    rows, cols = (np.arange(n) - n // 2 for n in shape)
    down = np.exp(-2j * np.pi * np.outer(rows, rows) / shape[0])
    right = np.exp(-2j * np.pi * np.outer(cols, cols) / shape[1])
    expected = down @ wave @ right / np.sqrt(wave.size)
    np.testing.assert_allclose(far_field(wave), expected, atol=1e-12)
    np.testing.assert_allclose(near_field(far_field(wave)), wave, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_torch_twin_agrees(shape):
    wave = waves(shape)
    np.testing.assert_allclose(to_detector(torch.from_numpy(wave)).numpy(), far_field(wave), atol=1e-12)
    np.testing.assert_allclose(from_detector(torch.from_numpy(wave)).numpy(), near_field(wave), atol=1e-12)


def test_single_precision_stays_single():
    assert far_field(waves((8, 8)).astype(np.complex64)).dtype == np.complex64


def test_the_intensity_keeps_the_power_of_all_modes_and_is_centred():
    modes = waves((8, 6), 3)
    assert detector_intensity(modes).sum() == pytest.approx(np.sum(np.abs(modes) ** 2))
    apart = sum(detector_intensity(mode[None]) for mode in modes)
    np.testing.assert_allclose(detector_intensity(modes), apart)
    plane_wave = np.ones((1, 8, 8), np.complex64)
    assert np.unravel_index(detector_intensity(plane_wave).argmax(), (8, 8)) == (4, 4)
