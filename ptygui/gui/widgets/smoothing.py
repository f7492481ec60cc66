"""The line through a noisy curve: an exponential average that weighs by distance, and begins without bias."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_PARTS = 300
_SPAN = 300.0
"""Exponents that are summed at once: exp(300) is far from the largest double."""
_MOST = 10_000
Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def smooth_line(x: NDArray[np.float64], value: NDArray[np.float64], smoothing: float) -> Points:
    """Return (x, y) of the line through a curve, `smoothed`; of a long one with fewer points.

    Thirty points in each 300th of the curve are more than the average leaves room for.
    """
    each = -(-value.size // _MOST)
    if smoothing <= 0 or each < 2:
        return x, smoothed(x, value, smoothing)
    starts = np.arange(0, value.size, each)
    finite = np.isfinite(value)
    sums = np.add.reduceat(np.where(finite, value, 0.0), starts)
    counts = np.add.reduceat(finite.astype(np.float64), starts)
    means = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    coarse = x[np.minimum(starts + each, value.size) - 1]
    return coarse, smoothed(coarse, means, smoothing)


def smoothed(x: NDArray[np.float64], value: NDArray[np.float64], smoothing: float) -> NDArray[np.float64]:
    """Average each value with those before it.

    A value counts `smoothing` times less for each 300th of the curve's length that it lies back (or for
    each median distance of its points, if that is more): a curve of a hundred thousand points is smoothed
    as much to the eye as one of a thousand, and a gap counts as long as it is. The sum of the weights is
    divided out, so the first value is kept as it is.

    Parameters
    ----------
    x : (n,) float64
        Where the values stand; does not fall.
    value : (n,) float64
        What is not finite has no weight, and stays as it is.
    smoothing : float
        0 (as it is) to less than 1.

    Returns
    -------
    (n,) float64
    """
    finite = np.isfinite(value)
    if smoothing <= 0 or np.count_nonzero(finite) < 2:
        return value
    sums = _decayed_sums(_decay(x, smoothing), np.stack([np.where(finite, value, 0.0), finite]))
    averages = np.divide(sums[0], sums[1], out=np.zeros_like(value), where=sums[1] > 0)
    return np.where(finite, averages, value)


def _decay(x: NDArray[np.float64], smoothing: float) -> NDArray[np.float64]:
    """Return the exponent (n,) that grows along the curve, by -log(smoothing) for a median distance."""
    gaps = np.diff(x, prepend=x[:1])
    typical = float(np.median(gaps[gaps > 0])) if np.any(gaps > 0) else 1.0
    typical = max(typical, float(x[-1] - x[0]) / _PARTS)
    return np.cumsum(np.minimum(-np.log(smoothing) * gaps / typical, _SPAN))


def _decayed_sums(decay: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sum_j<=k rows[:, j] exp(decay[j] - decay[k]), (m, n), block by block."""
    sums, carried, start = np.empty_like(rows), np.zeros((len(rows), 1)), 0
    before = float(decay[0])
    while start < decay.size:
        end = max(int(np.searchsorted(decay, before + _SPAN, side="right")), start + 1)
        grown = np.exp(decay[start:end] - before)
        sums[:, start:end] = (carried + np.cumsum(rows[:, start:end] * grown, axis=1)) / grown
        carried, before, start = sums[:, end - 1 : end], float(decay[end - 1]), end
    return sums
