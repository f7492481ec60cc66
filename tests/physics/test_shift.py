import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.shift import shift_subpixel as shift_in_numpy
from ptygui.physics.shift import shift_subpixel


def waves_at(rows: np.ndarray, cols: np.ndarray, height: int, width: int) -> np.ndarray:
    """A periodic image below the Nyquist frequency, known between pixels too."""
    row_wave = 1 + 0.5 * np.exp(2j * np.pi * 2 * rows / height) + 0.3j * np.cos(2 * np.pi * rows / height)
    return row_wave * (2 - np.exp(-2j * np.pi * 3 * cols / width))


fractions = st.floats(-0.5, 0.5)


@given(st.sampled_from([(12, 16), (11, 15), (8, 9)]), fractions, fractions)
def test_a_band_limited_image_is_moved_exactly(shape, fy, fx):
    rows, cols = np.mgrid[: shape[0], : shape[1]].astype(float)
    image = torch.from_numpy(waves_at(rows, cols, *shape))[None]
    moved = shift_subpixel(image, torch.tensor([[fy, fx]], dtype=torch.float64))
    np.testing.assert_allclose(moved[0].numpy(), waves_at(rows - fy, cols - fx, *shape), atol=1e-12)


@pytest.mark.parametrize("shape", [(12, 16), (11, 15)])
@pytest.mark.parametrize("kind", [np.complex128, np.float64])
def test_it_is_the_twin_of_the_canvas(shape, kind):
    rng = np.random.default_rng(0)
    stack = rng.normal(size=(5, *shape)).astype(kind)
    if kind is np.complex128:
        stack = stack + 1j * rng.normal(size=stack.shape)
    by = rng.uniform(-0.5, 0.5, (5, 2))
    moved = shift_subpixel(torch.from_numpy(stack), torch.from_numpy(by))
    np.testing.assert_allclose(moved.numpy(), shift_in_numpy(stack, by), atol=1e-12)


def test_real_stays_real_and_the_sum_stays():
    stack = torch.rand(4, 8, 8, generator=torch.Generator().manual_seed(0))
    moved = shift_subpixel(stack, torch.full((4, 2), 0.37))
    assert moved.dtype == torch.float32
    torch.testing.assert_close(moved.sum(dim=(1, 2)), stack.sum(dim=(1, 2)))


def test_whole_pixels_roll_down_and_right():
    stack = torch.rand(1, 8, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    moved = shift_subpixel(stack, torch.tensor([[2.0, -3.0]], dtype=torch.float64))
    torch.testing.assert_close(moved, stack.roll((2, -3), dims=(1, 2)))


def test_all_modes_of_a_pattern_move_by_its_own_rest():
    generator = torch.Generator().manual_seed(0)
    modes = torch.randn(3, 2, 8, 8, dtype=torch.complex128, generator=generator)
    by = torch.tensor([[0.1, -0.4], [0.0, 0.0], [0.5, 0.25]], dtype=torch.float64)
    moved = shift_subpixel(modes, by)
    for mode in range(2):
        torch.testing.assert_close(moved[:, mode], shift_subpixel(modes[:, mode], by))
    torch.testing.assert_close(moved[1], modes[1])
