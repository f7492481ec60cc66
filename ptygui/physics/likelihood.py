"""How far computed amplitudes are from measured ones: losses and residuals.

Amplitude residuals R1 and R2 as in core.events.Residual; Poisson likelihood as in Thibault & Guizar-Sicairos,
New J. Phys. 14, 063004 (2012), eq. 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


def amplitude_mae(measured: Tensor, computed: Tensor, good: Tensor | None = None) -> Tensor:
    """Relative mean absolute error of amplitudes: sum|A - |F|| / sum A, a scalar (this is R1)."""
    if good is not None:
        measured, computed = measured * good, computed * good
    return (measured - computed).abs().sum() / measured.sum().clamp_min(1e-30)


def poisson_deviance(measured: Tensor, computed: Tensor, good: Tensor | None = None) -> Tensor:
    """Mean Poisson deviance per pixel, 2 (mu - n + n log(n / mu)); about 1 where noise alone is left.

    `measured` and `computed` are amplitudes (square roots of counts); non-negative, zero if equal.
    """
    counts, expected = measured.square(), computed.square() + 1e-9
    deviance = 2 * (expected - counts + torch.xlogy(counts, counts / expected))
    return deviance.mean() if good is None else (deviance * good).sum() / good.expand(deviance.shape).sum()


@dataclass
class ResidualSums:
    """Sums over patterns from which R1 and R2 follow; add them up batch by batch."""

    absolute: float = 0.0
    amplitude: float = 0.0
    squared: float = 0.0
    intensity: float = 0.0

    def add(self, measured: Tensor, computed: Tensor, good: Tensor | None = None) -> None:
        """Add some patterns: amplitudes (n, H, W); `good` (H, W) is True where a pixel counts."""
        if good is not None:
            measured, computed = measured * good, computed * good
        difference = measured - computed
        self.absolute += float(difference.abs().sum(dtype=torch.float64))
        self.amplitude += float(measured.sum(dtype=torch.float64))
        self.squared += float(difference.square().sum(dtype=torch.float64))
        self.intensity += float(measured.square().sum(dtype=torch.float64))

    @property
    def r1(self) -> float:
        """sum|A - |F|| / sum A."""
        return self.absolute / max(self.amplitude, 1e-30)

    @property
    def r2(self) -> float:
        """sqrt(sum (A - |F|)² / sum A²)."""
        return float((self.squared / max(self.intensity, 1e-30)) ** 0.5)
