import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptygui.core.shift import shift_subpixel, split_positions

coordinates = st.floats(-30, 30)


@given(coordinates, coordinates)
def test_positions_split_into_corner_and_rest(y, x):
    corners, fractions = split_positions(np.array([[y, x]]), (7, 8))
    np.testing.assert_allclose(corners + np.array([3, 4]) + fractions, [[y, x]], atol=1e-9)
    assert np.abs(fractions).max() <= 0.5


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.sampled_from([(15, 16), (16, 15), (12, 12)]))
def test_waves_shift_exactly(dy, dx, shape):
    def wave(shift_y, shift_x):
        y, x = np.arange(shape[0])[:, None] - shift_y, np.arange(shape[1])[None, :] - shift_x
        return np.cos(2 * np.pi * (2 * y / shape[0] - 3 * x / shape[1])) + 0.3 * np.sin(
            2 * np.pi * x / shape[1]
        )

    shifted = shift_subpixel(wave(0, 0)[None], np.array([[dy, dx]]))
    assert shifted.dtype == np.float64
    np.testing.assert_allclose(shifted[0], wave(dy, dx), atol=1e-12)


def test_shifting_keeps_dtype_and_sum_and_nyquist_real():
    noise = np.random.default_rng(0).normal(size=(2, 8, 10)).astype(np.float32)
    shifted = shift_subpixel(noise, np.array([[0.3, -0.2], [0.0, 0.5]]))
    assert shifted.dtype == np.float32
    np.testing.assert_allclose(shifted.sum(axis=(1, 2)), noise.sum(axis=(1, 2)), atol=1e-4)
    whole = shift_subpixel(noise.astype(np.complex64), np.array([[0.3, -0.2], [0.0, 0.5]]))
    assert whole.dtype == np.complex64
    np.testing.assert_allclose(whole.real, shifted, atol=1e-6)
    np.testing.assert_allclose(whole.imag, 0, atol=1e-6)


@pytest.mark.parametrize("fractions", [[[0.3, -0.2], [0.0, 0.5]], [[0.0, 0.0], [0.0, 0.0]]])
def test_one_image_goes_to_many_places(fractions):
    image = np.random.default_rng(0).normal(size=(1, 9, 10))
    places = np.array(fractions)
    many = shift_subpixel(image, places)
    np.testing.assert_allclose(many, shift_subpixel(image.repeat(2, axis=0), places))
    many[0] = 0  # a copy, not a view of the one
    assert image.any()
