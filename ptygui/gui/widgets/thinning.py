"""As many points of a curve as there are pixels: what is drawn looks the same and costs little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""(x, y) of a curve."""


def thinned(x: NDArray[np.float64], y: NDArray[np.float64], low: float, high: float, columns: int) -> Points:
    """Keep the part of a curve between `low` and `high`: lowest and highest value of every few points.

    Parameters
    ----------
    x, y : (n,) float64
        `x` does not fall; `y` may have gaps of NaN, which stay gaps if nothing else stands in their place.
    low, high : float
        What is in view; one point beyond either end is kept, so that the line leaves the view.
    columns : int
        Pixels across; not more than four times as many points, and a few, are returned.

    Returns
    -------
    x, y : (m,) float64
    """
    first = max(int(np.searchsorted(x, low)) - 1, 0)
    last = min(int(np.searchsorted(x, high, side="right")) + 1, x.size)
    each = _group_size((last - first) / max(columns, 1))
    if each == 1:
        return x[first:last], y[first:last]
    first -= first % each  # groups stay the same when points arrive or the view moves: no flicker
    starts = np.arange(first, last, each)
    end = min(starts[-1] + each, x.size)
    low_high = np.stack([np.fmin.reduceat(y[:end], starts), np.fmax.reduceat(y[:end], starts)], axis=1)
    ends = np.minimum(starts + each, end) - 1
    return np.stack([x[starts], x[ends]], axis=1).ravel(), low_high.ravel()


def _group_size(points_a_column: float) -> int:
    """Return 1 while there are not many more points than columns, then a power of two."""
    return 1 if points_a_column <= 4 else 2 ** int(np.ceil(np.log2(points_a_column / 2)))
