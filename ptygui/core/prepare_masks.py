"""Steps that say which detector pixels are bad; the counts stay as they are."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ptygui.core.errors import ScanError
from ptygui.core.preparation import MaskFile, MaskHot, MaskPainted, MaskValues, Stroke
from ptygui.core.prepare_base import (
    Done,
    Moments,
    Tools,
    also_bad,
    bad_pixels,
    counted,
    fitting,
    moments,
    portions,
    with_bad_pixels,
)
from ptygui.core.preprocess import fill_bad_pixels
from ptygui.core.scan import Scan

STEEPEST = 2.0
"""How many times brighter than its brightest neighbours a pixel of a true pattern can be: a probe that fills
at most half of its window makes a far field that is never sharper than this between pixels."""
FEW = 3
"""With fewer patterns their scatter says nothing: then counting noise stands in for it."""
_RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.bool_)
_AROUND = np.ones((5, 5), np.bool_)
_AROUND[2, 2] = False


def mask_values(step: MaskValues, scan: Scan, tools: Tools) -> Done:
    """Mark the pixels whose value is out of the limits in some pattern; reads all of them."""
    if step.low is None and step.high is None:
        return Done(scan, "No limits are set, so no pixel is marked by its value.")
    low = -np.inf if step.low is None else step.low
    high = np.inf if step.high is None else step.high
    if low > high:
        raise ScanError(f"The lower limit {low:g} lies above the upper limit {high:g}: exchange them.")
    out = np.zeros(scan.pattern_shape, np.bool_)
    for _, counts in portions(scan, np.arange(len(scan)), tools.report):
        out |= ((counts < low) | (counts > high)).any(axis=0)
    marked, count = also_bad(scan, out)
    limits = (("below", step.low), ("above", step.high))
    told = [f"{word} {limit:g}" for word, limit in limits if limit is not None]
    return Done(marked, f"{counted(count, 'more pixel')} bad: {' or '.join(told)} counts in some pattern.")


def mask_hot(step: MaskHot, scan: Scan, tools: Tools) -> Done:
    """Mark pixels that stand out of their neighbourhood, from a few patterns spread over the scan."""
    seen = moments(scan, tools.report)
    bad = bad_pixels(scan)
    if bad.any():
        seen = Moments(seen.count, _filled(seen.mean, bad), _filled(seen.variance, bad))
    hot = hot_pixels(seen, step.sigmas) & ~bad
    dead = dead_pixels(seen, step.sigmas) & ~bad if step.dead else np.zeros_like(bad)
    marked, _ = also_bad(scan, hot | dead)
    ends = f" and {counted(int(dead.sum()), 'dead pixel')}" if step.dead else ""
    return Done(
        marked,
        f"{counted(int(hot.sum()), 'hot pixel')}{ends} found in {counted(seen.count, 'pattern')}.",
    )


def mask_painted(step: MaskPainted, scan: Scan, _tools: Tools) -> Done:
    """Mark, or clear, disks; later strokes count."""
    before = bad_pixels(scan)
    after = before.copy()
    for stroke in step.strokes:
        _paint(after, stroke)
    marked, cleared = int((after & ~before).sum()), int((before & ~after).sum())
    more = f", {counted(cleared, 'pixel')} good again" if cleared else ""
    return Done(with_bad_pixels(scan, after), f"{counted(marked, 'pixel')} painted bad{more}.")


def mask_file(step: MaskFile, scan: Scan, tools: Tools) -> Done:
    """Mark the pixels that a mask in a file says are bad."""
    values = fitting(tools.load.array(step.path, step.key, "a mask"), scan, step.path, "a mask")
    marked, count = also_bad(scan, (values != 0) == (step.bad == "nonzero"))
    return Done(marked, f"{counted(count, 'more pixel')} bad by {step.path}.")


def hot_pixels(seen: Moments, sigmas: float) -> NDArray[np.bool_]:
    """Return the pixels (H, W) that are brighter than neighbourhood, noise and diffraction explain.

    A pixel is hot if its mean is `sigmas` standard deviations above the median of the 24 pixels around it,
    and STEEPEST times above the third brightest of the 8 beside it (so that pairs are found too). The
    variance is that of the neighbourhood (median absolute deviation) and of the means themselves.
    """
    around = ndimage.median_filter(seen.mean, footprint=_AROUND, mode="nearest")
    scatter = _scatter(seen.mean, around)
    noise = np.sqrt(scatter**2 + _variance_of_mean(seen) + _around(_variance_of_mean(seen)))
    beside = ndimage.rank_filter(seen.mean, rank=-3, footprint=_RING, mode="nearest")
    return np.asarray((seen.mean - around > sigmas * noise) & (seen.mean > STEEPEST * beside))


def dead_pixels(seen: Moments, sigmas: float) -> NDArray[np.bool_]:
    """Return the pixels (H, W) that are 0 in all patterns where 6 of 8 neighbours are clearly lit."""
    lit = seen.mean > sigmas * np.sqrt(_variance_of_mean(seen))
    beside = ndimage.convolve(lit.astype(np.int8), _RING.astype(np.int8), mode="nearest")
    return np.asarray((seen.mean == 0) & (seen.variance == 0) & (beside >= 6))


def _variance_of_mean(seen: Moments) -> NDArray[np.float64]:
    variance = np.maximum(seen.variance, seen.mean) if seen.count < FEW else seen.variance
    return np.asarray(variance / seen.count, np.float64)


def _scatter(mean: NDArray[np.float64], around: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the robust standard deviation of the neighbourhood, (H, W)."""
    return np.asarray(1.4826 * _around(np.abs(mean - around)), np.float64)


def _around(image: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(ndimage.median_filter(image, footprint=_AROUND, mode="nearest"), np.float64)


def _filled(image: NDArray[np.float64], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(fill_bad_pixels(image[None].astype(np.float32), bad)[0], np.float64)


def _paint(mask: NDArray[np.bool_], stroke: Stroke) -> None:
    """Set the pixels of a disk, in place; at least the one in which its centre lies."""
    half = partial(_span, radius=stroke.radius)
    rows, cols = half(stroke.row, length=mask.shape[0]), half(stroke.col, length=mask.shape[1])
    squares = (rows - stroke.row)[:, None] ** 2 + (cols - stroke.col)[None, :] ** 2
    inside = squares <= stroke.radius**2
    inside |= (rows == np.rint(stroke.row))[:, None] & (cols == np.rint(stroke.col))[None, :]
    mask[np.ix_(rows, cols)] = np.where(inside, stroke.bad, mask[np.ix_(rows, cols)])


def _span(at: float, radius: float, length: int) -> NDArray[np.intp]:
    """Return the pixels of an axis that a disk may reach."""
    low, high = np.clip([np.floor(at - radius), np.ceil(at + radius) + 1], 0, length)
    return np.arange(int(low), int(high))
