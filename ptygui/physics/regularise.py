"""What is demanded of the unknowns besides explaining the data: bounds and smoothness, as values and slopes.

Each is weighted by the curvature of the data (counts that light an object pixel, stiffness of a position), so
that a weight means the same at any exposure: for `total_variation` it is about the contrast below which
differences are smoothed away.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.slope import Slope, squared_modulus

EDGE = 0.02
"""Differences of neighbouring pixels above this count as edges."""


@dataclass(frozen=True)
class Regularisation:
    """Weights; 0 for none.

    Attributes
    ----------
    amplitude_bound : float
        Largest amplitude of the object.
    total_variation : float
        Of the complex object (Rudin, Osher & Fatemi, Physica D 60, 259 (1992)), smoothed at `EDGE`.
    position_smoothness : float
        On the differences of shifts of successive patterns.
    """

    amplitude_bound: float = 0.0
    total_variation: float = 0.0
    position_smoothness: float = 0.0

    def add_to(self, slope: Slope, values: Tensor, shifts: Tensor, stiffness: Tensor) -> None:
        """Add values and half gradients to a slope, in place.

        Parameters
        ----------
        slope : Slope
        values : (rows, cols) complex, the object
        shifts : (n, 2) float
        stiffness : (2,) float, curvature of a position
        """
        lit = slope.illumination.mean()
        terms = []
        if self.amplitude_bound:
            terms.append((slope.gradient.object, lit, bounded(values, self.amplitude_bound)))
        if self.total_variation:
            terms.append((slope.gradient.object, self.total_variation * lit, variation(values)))
        if self.position_smoothness:
            terms.append((slope.gradient.shifts, self.position_smoothness * stiffness, rough(shifts)))
        for gradient, weight, (value, half) in terms:
            gradient += weight * half
            slope.tally.demands += float((weight * value).sum())


def bounded(values: Tensor, bound: float) -> tuple[Tensor, Tensor]:
    """Sum of (|O| - bound)² where |O| is above it, and its half gradient."""
    amplitude = values.abs()
    excess = (amplitude - bound).clamp_min(0)
    return excess.square().sum(), excess / amplitude.clamp_min(1e-12) * values


def variation(values: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of sqrt(|difference|² + EDGE²) - EDGE over both axes together, and its half gradient."""
    down = torch.diff(values, dim=0, append=values[-1:])
    right = torch.diff(values, dim=1, append=values[:, -1:])
    length = (squared_modulus(down) + squared_modulus(right) + EDGE**2).sqrt()
    down, right = down / length, right / length
    half = -(down + right)
    half[1:] += down[:-1]
    half[:, 1:] += right[:, :-1]
    return (length - EDGE).sum(), 0.5 * half


def rough(shifts: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of squared differences of successive shifts, (2,), and its half gradient (n, 2)."""
    steps = torch.diff(shifts, dim=0)
    half = torch.zeros_like(shifts)
    half[1:] += steps
    half[:-1] -= steps
    return steps.square().sum(dim=0), half
