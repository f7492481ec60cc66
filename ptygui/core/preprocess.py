"""Preparing patterns: pure functions on stacks (b, H, W), and a source that applies them as it is read.

Nothing is ever changed in place nor held for all patterns: peak memory is that of one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptygui.core.errors import ScanError
from ptygui.core.scan import PatternSource, SelectedPatterns

Scalar = TypeVar("Scalar", bound=np.generic)

StackFunction = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A stack (b, H, W) in, a stack (b, H', W') out."""

_SENTINELS = (2.0**16 - 1, 2.0**32 - 1, 2.0**32)
"""What Eiger and Pilatus write into dead pixels and gaps; the last is the second one as float32."""


@dataclass(frozen=True)
class Preprocessed:
    """A pattern source whose patterns go through `steps` when they are read."""

    source: PatternSource
    steps: tuple[StackFunction, ...]

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W) after all steps."""
        n, *frame = self.source.shape
        _, height, width = self._apply(np.zeros((1, *frame), np.float32)).shape
        return n, height, width

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read and prepare the patterns at `indices`, (b, H, W) float32; raises what the source raises."""
        return self._apply(self.source.read(indices))

    def _apply(self, stack: NDArray[np.float32]) -> NDArray[np.float32]:
        for step in self.steps:
            stack = step(stack)
        return stack


@dataclass(frozen=True)
class ScaledPatterns:
    """A pattern source whose patterns are divided by numbers of their own."""

    source: PatternSource
    divisors: NDArray[np.float64]
    """(n,), none of them 0."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return self.source.shape

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read and scale the patterns at `indices`, (b, H, W) float32; raises what the source raises."""
        divisors = self.divisors[indices].astype(np.float32)
        return self.source.read(indices) / divisors[:, None, None]


def frame_numbers(source: PatternSource) -> NDArray[np.intp]:
    """Tell which frame of the file (from 0) each pattern of a source is, (n,)."""
    if isinstance(source, SelectedPatterns):
        return frame_numbers(source.source)[source.selection]
    if isinstance(source, (Preprocessed, ScaledPatterns)):
        return frame_numbers(source.source)
    return np.arange(source.shape[0], dtype=np.intp)


def stored_frame(source: PatternSource) -> tuple[int, int]:
    """Return (H, W) of the frames that must be read for the patterns of a source."""
    while isinstance(source, (Preprocessed, ScaledPatterns, SelectedPatterns)):
        source = source.source
    return source.shape[1:]


def find_bad_pixels(patterns: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (H, W) that are negative, not finite or a detector's sentinel in every pattern.

    Parameters
    ----------
    patterns : (b, H, W)
        A few patterns spread over the scan.
    """
    with np.errstate(invalid="ignore"):  # what is no number is neither less nor equal
        bad = ~np.isfinite(patterns) | (patterns < 0)
        for value in _SENTINELS:
            bad |= patterns == value
    return np.asarray(bad.all(axis=0), np.bool_)


def fill_bad_pixels(patterns: NDArray[np.float32], bad_pixels: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return patterns (b, H, W) with every bad pixel replaced by the nearest good one of its pattern.

    Raises
    ------
    ScanError
        If no pixel is good.
    """
    return _take(patterns, _nearest_good(bad_pixels))


def filling(bad_pixels: NDArray[np.bool_]) -> StackFunction:
    """Return the step that replaces bad pixels by the nearest good one of their pattern.

    Raises
    ------
    ScanError
        If no pixel is good.
    """
    return partial(_take, pixels=_nearest_good(bad_pixels))  # found once, not per batch


def find_centre(patterns: NDArray[np.float32]) -> tuple[int, int]:
    """Return (row, col) of the middle of the direct beam: the centre of mass of what is bright.

    Parameters
    ----------
    patterns : (b, H, W)
        A few patterns spread over the scan, bad pixels filled.
    """
    mean = np.nan_to_num(patterns.mean(axis=0, dtype=np.float64), posinf=0, neginf=0)
    mean = np.minimum(ndimage.median_filter(mean, 3), np.percentile(mean, 99.9))  # no single hot pixel counts
    bright = np.maximum(mean - 0.1 * mean.max(), 0)
    if bright.sum() == 0:
        return _middle(mean.shape)
    row, col = ndimage.center_of_mass(bright)
    return round(float(row)), round(float(col))


def centre_and_crop(
    stack: NDArray[Scalar], centre: tuple[int, int], size: tuple[int, int], outside: float = 0.0
) -> NDArray[Scalar]:
    """Return the window (b, *size) whose pixel [size//2] is `centre`; what lies off the frame is `outside`.

    One function moves the centre, crops and pads.
    """
    result = np.full((len(stack), *size), outside, stack.dtype)
    rows = _overlap(centre[0], size[0], stack.shape[1])
    cols = _overlap(centre[1], size[1], stack.shape[2])
    result[:, rows.given, cols.given] = stack[:, rows.taken, cols.taken]
    return result


def bin_counts(stack: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Return patterns (b, H/f, W/f) with blocks of f x f pixels summed, so that no count is lost.

    The zero frequency stays in pixel [H/f//2, W/f//2], (f - 1) / 2f of a binned pixel before its middle.

    Raises
    ------
    ScanError
        If H or W cannot be divided.
    """
    n, height, width = stack.shape
    if factor < 1 or height % factor or width % factor:
        raise ScanError(
            f"Patterns of {height} x {width} pixels cannot be binned by {factor}: crop them first."
        )
    blocks = stack.reshape(n, height // factor, factor, width // factor, factor)
    return np.asarray(blocks.sum(axis=(2, 4)), np.float32)


def _nearest_good(bad_pixels: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return row and column of the nearest good pixel, (2, H, W)."""
    if bad_pixels.all():
        raise ScanError("Every detector pixel is marked as bad: check the mask's meaning (True = bad).")
    nearest = ndimage.distance_transform_edt(bad_pixels, return_distances=False, return_indices=True)
    return np.asarray(nearest, np.intp)


def _take(patterns: NDArray[np.float32], pixels: NDArray[np.intp]) -> NDArray[np.float32]:
    return patterns[:, pixels[0], pixels[1]]


class _Overlap(NamedTuple):
    """Which part of an axis is taken, and where it goes in the window."""

    taken: slice
    given: slice


def _overlap(centre: int, size: int, length: int) -> _Overlap:
    start = centre - size // 2
    low = min(max(start, 0), length)
    high = max(min(start + size, length), low)
    return _Overlap(slice(low, high), slice(low - start, high - start) if high > low else slice(0, 0))


def _middle(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0] // 2, shape[1] // 2
