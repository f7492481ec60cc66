import tracemalloc
from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.errors import ScanError
from ptygui.core.preprocess import (
    Preprocessed,
    ScaledPatterns,
    bin_counts,
    centre_and_crop,
    fill_bad_pixels,
    find_bad_pixels,
    find_centre,
    frame_numbers,
    stored_frame,
)
from ptygui.core.scan import ArrayPatterns, SelectedPatterns


def test_bad_pixels_are_those_that_are_bad_in_every_pattern():
    patterns = np.ones((3, 4, 5), np.float32)
    patterns[:, 0, 0] = np.nan
    patterns[:, 1, 1] = -1
    patterns[:, 2, 2] = np.float32(2**32 - 1)
    patterns[:, 3, 3] = 65535
    patterns[0, 3, 4] = np.nan  # once only: not the pixel's fault
    assert sorted(map(tuple, np.argwhere(find_bad_pixels(patterns)).tolist())) == [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 3),
    ]


def test_filling_takes_the_nearest_good_pixel_and_touches_nothing_else():
    patterns = np.arange(2 * 4 * 4, dtype=np.float32).reshape(2, 4, 4)
    before = patterns.copy()
    bad = np.zeros((4, 4), bool)
    bad[:, 0] = True  # a gap at the rim
    filled = fill_bad_pixels(patterns, bad)
    np.testing.assert_array_equal(filled[:, :, 0], patterns[:, :, 1])
    np.testing.assert_array_equal(filled[:, :, 1:], patterns[:, :, 1:])
    np.testing.assert_array_equal(patterns, before)


def test_a_mask_without_a_good_pixel_is_refused():
    with pytest.raises(ScanError, match="True = bad"):
        fill_bad_pixels(np.ones((1, 2, 2), np.float32), np.ones((2, 2), bool))


@given(st.integers(20, 40), st.integers(25, 55))
def test_the_direct_beam_is_found_wherever_it_is(row, col):
    rows, cols = np.ogrid[:64, :80]
    beam = 1000 * np.exp(-((rows - row) ** 2 + (cols - col) ** 2) / 50)
    frame = (beam + 3).astype(np.float32)
    frame[5, 5] = 1e9  # a hot pixel
    assert find_centre(frame[None]) == (row, col)
    assert find_centre(np.zeros((1, 64, 80), np.float32)) == (32, 40)


@given(
    centre=st.tuples(st.integers(-3, 12), st.integers(-3, 12)),
    size=st.tuples(st.integers(1, 14), st.integers(1, 14)),
)
def test_a_window_shows_what_is_there_and_nothing_else(centre, size):
    stack = np.arange(1, 2 * 8 * 9 + 1, dtype=np.float32).reshape(2, 8, 9)
    window = centre_and_crop(stack, centre, size, outside=-1)
    for r, c in np.ndindex(size):
        row, col = centre[0] - size[0] // 2 + r, centre[1] - size[1] // 2 + c
        inside = 0 <= row < 8 and 0 <= col < 9
        assert window[1, r, c] == (stack[1, row, col] if inside else -1)


@given(factor=st.sampled_from([1, 2, 4]), blocks=st.integers(1, 4))
def test_binning_loses_no_count_and_keeps_the_middle(factor, blocks):
    rng = np.random.default_rng(0)
    stack = rng.integers(0, 1000, (2, factor * blocks, 2 * factor * blocks)).astype(np.float32)
    binned = bin_counts(stack, factor)
    assert binned.shape == (2, blocks, 2 * blocks)
    assert binned.sum() == stack.sum()
    point = np.zeros((1, 4 * factor, 4 * factor), np.float32)
    point[0, 2 * factor, 2 * factor] = 1
    assert bin_counts(point, factor)[0, 2, 2] == 1


def test_what_cannot_be_binned_is_refused():
    with pytest.raises(ScanError, match=r"9 x 8 pixels cannot be binned by 2"):
        bin_counts(np.zeros((1, 9, 8), np.float32), 2)


def test_a_prepared_source_reads_what_the_functions_make():
    data = np.random.default_rng(1).integers(0, 99, (5, 16, 16)).astype(np.float32)
    steps = (partial(centre_and_crop, centre=(7, 9), size=(8, 8)), partial(bin_counts, factor=2))
    source = Preprocessed(ArrayPatterns(data), steps)
    assert source.shape == (5, 4, 4)
    indices = np.array([3, 1])
    expected = bin_counts(centre_and_crop(data[indices], (7, 9), (8, 8)), 2)
    np.testing.assert_array_equal(source.read(indices), expected)


@dataclass(frozen=True)
class EndlessPatterns:
    """A source of any length that holds nothing."""

    count: int

    @property
    def shape(self):
        return self.count, 128, 128

    def read(self, indices):
        return np.ones((len(indices), 128, 128), np.float32)


@pytest.mark.parametrize("count", [100, 100_000])
def test_memory_does_not_grow_with_the_number_of_patterns(count):
    source = Preprocessed(EndlessPatterns(count), (partial(bin_counts, factor=2),))
    tracemalloc.start()
    for start in range(0, 100, 10):
        source.read(np.arange(start, start + 10) * (count // 100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 10 * 128 * 128 * 4


def test_patterns_are_divided_by_numbers_of_their_own_and_still_know_their_frames():
    data = np.arange(1, 6, dtype=np.float32)[:, None, None] * np.ones((5, 4, 6), np.float32)
    halves = SelectedPatterns(
        Preprocessed(ArrayPatterns(data), (partial(bin_counts, factor=2),)), np.array([4, 2, 0])
    )
    scaled = ScaledPatterns(halves, np.array([10.0, 6.0, 2.0]))
    assert scaled.shape == (3, 2, 3)
    np.testing.assert_array_equal(scaled.read(np.array([2, 0]))[:, 0, 0], [4 * 1 / 2, 4 * 5 / 10])
    assert frame_numbers(scaled).tolist() == [4, 2, 0]
    assert stored_frame(scaled) == (4, 6)
