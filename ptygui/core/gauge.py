"""What ptychography cannot know of an object: global phase, scale and a linear phase ramp.

P O = (P / c) (c O) for any complex c, and a ramp in O is undone by the opposite ramp in P; so two images of
one object are brought into one gauge before they are compared or added.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.optimize import minimize

from ptygui.core.canvas import Box, Canvas, CanvasError

Image = NDArray[np.complexfloating[Any, Any]]
Weights = NDArray[np.bool_] | NDArray[np.floating[Any]]


def gauge_factor(estimate: Image, reference: Image, weights: Weights) -> complex:
    """Return the c that minimises sum w |c estimate - reference|²; 1 where there is nothing to compare.

    Parameters
    ----------
    estimate, reference : (rows, cols) complex
    weights : (rows, cols) bool or float, not negative
    """
    power = float(np.sum(weights * np.abs(estimate) ** 2, dtype=np.float64))
    if power == 0:
        return 1.0
    return complex(np.sum(weights * estimate.conj() * reference, dtype=np.complex128) / power)


def phase_ramp(estimate: Image, reference: Image, weights: Weights) -> tuple[float, float]:
    """Return the ramp (y, x) in radians per pixel by which the reference is ahead of the estimate.

    It maximises |sum w conj(estimate) reference exp(-i k r)|: the peak of a Fourier transform, refined
    between its samples.
    """
    product = np.asarray(weights * estimate.conj() * reference, np.complex128)
    spectrum = np.abs(scipy.fft.fft2(product))
    peak = np.unravel_index(spectrum.argmax(), product.shape)
    steps = [2 * np.pi * scipy.fft.fftfreq(size) for size in product.shape]
    start = np.array([steps[0][peak[0]], steps[1][peak[1]]])
    rows, cols = (np.arange(size) - size / 2 for size in product.shape)

    def missing(ramp: NDArray[np.float64]) -> float:
        total = np.exp(-1j * ramp[0] * rows) @ product @ np.exp(-1j * ramp[1] * cols)
        return -float(abs(total)) / (spectrum.max() or 1.0)

    bins = np.pi / np.array(product.shape)  # half a sample of the transform
    simplex = start + np.array([[0, 0], [bins[0], 0], [0, bins[1]]])
    found = minimize(
        missing,
        start,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-9, "fatol": 1e-12},
    )
    return float(found.x[0]), float(found.x[1])


def remove_gauge(estimate: Image, reference: Image, weights: Weights, *, ramp: bool = False) -> Image:
    """Return the estimate in the reference's gauge.

    Parameters
    ----------
    estimate, reference : (rows, cols) complex
    weights : (rows, cols) bool or float, not negative
        Where to compare; the correction goes to the whole estimate.
    ramp : bool
        Remove a linear phase as well. Only for a probe that was free: a known probe fixes the ramp.
    """
    if ramp:
        down, right = phase_ramp(estimate, reference, weights)
        rows, cols = np.ogrid[: estimate.shape[0], : estimate.shape[1]]
        estimate = np.asarray(estimate * np.exp(1j * (down * rows + right * cols)), estimate.dtype)
    return np.asarray(estimate * gauge_factor(estimate, reference, weights), estimate.dtype)


def align(canvas_a: Canvas, canvas_b: Canvas) -> complex:
    """Return the factor that brings canvas b into the gauge of canvas a, from where they overlap.

    With O = S/W of each, it minimises sum w |c O_b - O_a|² with w = W_a W_b / (W_a + W_b), the weight of
    a difference of two means.

    Raises
    ------
    CanvasError
        If the frames differ or nothing overlaps.
    """
    if canvas_a.frame != canvas_b.frame:
        raise CanvasError("Canvases of different frames cannot be aligned.")
    box = _shared_box(canvas_a, canvas_b)
    (sum_a, weight_a), (sum_b, weight_b) = _cut(canvas_a, box), _cut(canvas_b, box)
    both = (weight_a > 0) & (weight_b > 0)
    if not both.any():
        raise CanvasError("The canvases do not overlap, so their phases cannot be aligned.")
    object_a, object_b = sum_a[both] / weight_a[both], sum_b[both] / weight_b[both]
    weights = weight_a[both] * weight_b[both] / (weight_a[both] + weight_b[both])
    return gauge_factor(object_b, object_a, weights)


def in_gauge(canvas: Canvas, factor: complex) -> Canvas:
    """Return the canvas with its object multiplied by `factor`; nothing is shared with the old one."""
    return replace(
        canvas,
        weighted_sum=(canvas.weighted_sum * factor).astype(np.complex64),
        weights=canvas.weights.copy(),
        seen=set(canvas.seen),
    )


def _shared_box(a: Canvas, b: Canvas) -> Box:
    if a.box is None or b.box is None:
        raise CanvasError("An empty canvas cannot be aligned.")
    lows = [max(a.box[i], b.box[i]) for i in (0, 1)]
    highs = [min(a.box[i], b.box[i]) for i in (2, 3)]
    if lows[0] >= highs[0] or lows[1] >= highs[1]:
        raise CanvasError("The canvases do not overlap, so their phases cannot be aligned.")
    return lows[0], lows[1], highs[0], highs[1]


def _cut(canvas: Canvas, box: Box) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    row, col = canvas.origin
    area = np.s_[box[0] - row : box[2] - row, box[1] - col : box[3] - col]
    return canvas.weighted_sum[area], canvas.weights[area]
