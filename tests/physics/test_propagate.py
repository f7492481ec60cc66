import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptygui.physics.propagate import from_detector, to_detector


def random_waves(height: int, width: int, count: int = 3, seed: int = 0) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    shape = (count, height, width)
    return torch.from_numpy(rng.normal(size=shape) + 1j * rng.normal(size=shape))


sides = st.integers(1, 13)


@given(sides, sides, st.integers(0, 99))
def test_power_is_kept_and_there_and_back_is_nothing(height, width, seed):
    waves = random_waves(height, width, seed=seed)
    far = to_detector(waves)
    torch.testing.assert_close(far.abs().square().sum(), waves.abs().square().sum())
    torch.testing.assert_close(from_detector(far), waves)
    torch.testing.assert_close(to_detector(from_detector(waves)), waves)


@given(sides, sides)
def test_it_is_the_discrete_fourier_sum_about_the_centre(height, width):
    waves = random_waves(height, width)
    y, x = (np.arange(side) - side // 2 for side in (height, width))
    rows = np.exp(-2j * np.pi * np.outer(y, y) / height) / np.sqrt(height)
    cols = np.exp(-2j * np.pi * np.outer(x, x) / width) / np.sqrt(width)
    np.testing.assert_allclose(to_detector(waves).numpy(), rows @ waves.numpy() @ cols.T, atol=1e-12)


def test_it_is_what_the_design_writes_in_numpy():
    waves = random_waves(8, 12)
    axes = (-2, -1)
    expected = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(waves.numpy(), axes), norm="ortho"), axes)
    np.testing.assert_allclose(to_detector(waves).numpy(), expected, atol=1e-13)


def test_a_point_lights_the_detector_evenly_and_a_flat_wave_its_centre():
    point = torch.zeros(8, 10, dtype=torch.complex128)
    point[4, 5] = 1
    flat = torch.full((8, 10), 80**-0.5, dtype=torch.complex128)
    torch.testing.assert_close(to_detector(point), flat)
    torch.testing.assert_close(to_detector(flat), point)
