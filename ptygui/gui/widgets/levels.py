"""Which values a picture spans: robust, steady, and blind to what was not measured. No Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Levels = tuple[float, float]
"""(low, high) values at the two ends of a colour map."""

FULL_CIRCLE: Levels = (-np.pi, np.pi)
_PERCENTILES = (0.5, 99.5)
_STEADY = 0.1


def valid_samples(
    values: NDArray[Any], valid: NDArray[np.bool_] | None = None, at_most: int = 25_000
) -> NDArray[Any]:
    """Pick finite, valid values of a 2-D array, evenly spread, about `at_most` of them: (k,)."""
    step = max(1, int(np.ceil(np.sqrt(values.size / at_most))))
    samples = values[::step, ::step]
    keep = np.isfinite(samples)
    if valid is not None:
        keep &= valid[::step, ::step]
    picked: NDArray[Any] = samples[keep]
    return picked


def robust_levels(samples: NDArray[Any]) -> Levels:
    """Span the 0.5 to 99.5 percentiles, so that hot pixels do not count; (0, 1) without samples."""
    if samples.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(samples, _PERCENTILES))
    if high - low > 1e-6 * max(abs(low), abs(high), 1e-30):
        return low, high
    margin = 0.05 * abs(low) or 0.5
    return low - margin, high + margin


def phase_levels(samples: NDArray[Any]) -> Levels:
    """Span a part of the circle symmetric about 0, in radians.

    A cyclic map has one colour at both ends. So the span is wider than the data (their 99th percentile
    lies at 60 % of it), which keeps weak phases unambiguous; strong phases get the full circle.
    """
    if samples.size == 0:
        return FULL_CIRCLE
    half = float(np.percentile(np.abs(samples), 99)) / 0.6
    half = min(max(half, 1e-3), float(np.pi))
    return -half, half


def steady(current: Levels | None, wanted: Levels) -> Levels:
    """Keep the current levels while the wanted ones differ by less than a tenth of their span."""
    if current is None:
        return wanted
    tolerance = _STEADY * (wanted[1] - wanted[0])
    moved = max(abs(wanted[0] - current[0]), abs(wanted[1] - current[1]))
    return current if moved <= tolerance else wanted


def common_phase(samples: NDArray[Any]) -> float:
    """Return the phase, in radians, that most complex samples share: circular mean, then median about it."""
    total = complex(samples.sum()) if samples.size else 0j
    if total == 0:
        return 0.0
    mean = float(np.angle(total))
    rest = np.angle(samples * np.exp(-1j * mean))
    return float(mean + np.median(rest))
