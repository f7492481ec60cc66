"""Preparing patterns: pure functions on stacks (b, H, W), and a source that applies them as it is read.

Nothing is ever changed in place nor held for all patterns: peak memory is that of one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptygui.core.errors import ScanError
from ptygui.core.fourier import far_field, near_field
from ptygui.core.scan import PatternSource, ProbePositions, Scan, ScanMetadata

Scalar = TypeVar("Scalar", bound=np.generic)

Step = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A stack (b, H, W) in, a stack (b, H', W') out."""

_SENTINELS = (2.0**16 - 1, 2.0**32 - 1, 2.0**32)
"""What Eiger and Pilatus write into dead pixels and gaps; the last is the second one as float32."""


@dataclass(frozen=True)
class Preprocessed:
    """A pattern source whose patterns go through `steps` when they are read."""

    source: PatternSource
    steps: tuple[Step, ...]

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
class Preprocessing:
    """What to do with a scan's patterns before anything else; the defaults do nothing but fill."""

    centre: tuple[int, int] | None = None
    """(row, col) of the zero frequency in the frames as they are; None: [H//2, W//2]."""
    size: tuple[int, int] | None = None
    """(H, W) to crop or pad to, before binning; None: as it is."""
    binning: int = 1
    fill_bad: bool = True


def preprocess(scan: Scan, settings: Preprocessing) -> Scan:
    """Return the scan with prepared patterns and with all that belongs to their size changed alike.

    Cropping changes the object pixel (lambda z / N detector pixel), so positions in pixels, pixel size and
    probe follow; a reference object on another pixel grid is left out.

    Raises
    ------
    ScanError
        If the size cannot be binned.
    """
    frame = scan.pattern_shape
    centre, size = settings.centre or _middle(frame), settings.size or frame
    ratio = (frame[0] / size[0], frame[1] / size[1])
    source = Preprocessed(scan.patterns, _steps(scan, settings, centre, size))
    prepared = replace(
        scan,
        patterns=source,
        probe=None,
        bad_pixels=None
        if scan.bad_pixels is None
        else _prepared_mask(scan.bad_pixels, settings, centre, size),
        positions=_rescaled_positions(scan.positions, ratio),
        metadata=_rescaled_metadata(scan, ratio, settings.binning),
        reference_object=scan.reference_object if ratio == (1, 1) else None,
    )
    return (
        prepared if scan.probe is None else prepared.with_probe(_refitted(scan.probe, size, settings.binning))
    )


def find_bad_pixels(patterns: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels (H, W) that are negative, not finite or a detector's sentinel in every pattern.

    Parameters
    ----------
    patterns : (b, H, W)
        A few patterns spread over the scan.
    """
    bad = ~np.isfinite(patterns) | (patterns < 0) | np.isin(patterns, _SENTINELS)
    return np.asarray(bad.all(axis=0), np.bool_)


def fill_bad_pixels(patterns: NDArray[np.float32], bad_pixels: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return patterns (b, H, W) with every bad pixel replaced by the nearest good one of its pattern.

    Raises
    ------
    ScanError
        If no pixel is good.
    """
    return _take(patterns, _nearest_good(bad_pixels))


def filling(bad_pixels: NDArray[np.bool_]) -> Step:
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
    mean = patterns.mean(axis=0, dtype=np.float64)
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


def _steps(
    scan: Scan, settings: Preprocessing, centre: tuple[int, int], size: tuple[int, int]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    if settings.fill_bad and scan.bad_pixels is not None:
        steps.append(filling(scan.bad_pixels))
    if (centre, size) != (_middle(scan.pattern_shape), scan.pattern_shape):
        steps.append(partial(centre_and_crop, centre=centre, size=size))
    if settings.binning != 1:
        steps.append(partial(bin_counts, factor=settings.binning))
    return tuple(steps)


def _prepared_mask(
    bad: NDArray[np.bool_], settings: Preprocessing, centre: tuple[int, int], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return the mask of the prepared patterns: off the frame nothing was measured, so it is bad."""
    window = centre_and_crop(bad[None].astype(np.float32), centre, size, outside=1.0)
    return np.asarray(bin_counts(window, settings.binning)[0] > 0, np.bool_)


def _rescaled_positions(positions: ProbePositions, ratio: tuple[float, float]) -> ProbePositions:
    if positions.unit == "m":
        return positions
    return ProbePositions(np.asarray(positions.values / np.asarray(ratio), np.float64), "px")


def _rescaled_metadata(scan: Scan, ratio: tuple[float, float], binning: int) -> ScanMetadata:
    metadata = scan.metadata
    pixel, detector = metadata.pixel_size_m, metadata.detector_pixel_m
    return replace(
        metadata,
        pixel_size_m=pixel and (pixel[0] * ratio[0], pixel[1] * ratio[1]),
        detector_pixel_m=detector and (detector[0] * binning, detector[1] * binning),
    )


def _refitted(probe: NDArray[np.complex64], size: tuple[int, int], binning: int) -> NDArray[np.complex64]:
    """Return the probe whose far field is cropped to `size` and sampled `binning` times coarser.

    Cropping the far field makes the probe's pixel larger; coarser sampling makes its window smaller.
    """
    far = centre_and_crop(far_field(probe), _middle(probe.shape[1:]), size)
    small = (size[0] // binning, size[1] // binning)
    return np.asarray(centre_and_crop(near_field(far), _middle(size), small), np.complex64)


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
