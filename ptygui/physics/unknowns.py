"""What ptychography does not know, as one vector: object, probe, positions, brightness, background.

The space is real: <a, b> is the sum over all parts of Re(conj(a) b), so that gradients of real functions
are vectors like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Unknowns:
    """A point, or a direction, in the space of unknowns.

    Attributes
    ----------
    object : (rows, cols) complex
    probe : (modes, H, W) complex
    shifts : (n, 2) float
        (y, x) in object pixels, added to the positions.
    gains : (n,) float
        Factor of each pattern's amplitudes; 1 for a steady beam.
    glow : (H, W) float
        Square root of the counts that every pattern has from elsewhere.
    """

    object: Tensor
    probe: Tensor
    shifts: Tensor
    gains: Tensor
    glow: Tensor

    @classmethod
    def start(cls, values: Tensor, probe: Tensor, patterns: int) -> Self:
        """Begin with an object and a probe; positions as measured, a steady beam, no background."""
        real = probe.real
        return cls(
            values,
            probe,
            real.new_zeros(patterns, 2),
            real.new_ones(patterns),
            real.new_zeros(probe.shape[-2:]),
        )

    def zeros(self) -> Self:
        """Return the origin of the space."""
        return self._map(torch.zeros_like)

    def plus(self, direction: Self, factor: float = 1.0) -> Self:
        """Return self + factor * direction."""
        return self._pairwise(direction, lambda a, b: a + factor * b)

    def minus(self, other: Self) -> Self:
        """Return the direction from `other` to self."""
        return self._pairwise(other, lambda a, b: a - b)

    def times(self, factor: float) -> Self:
        """Return the multiple."""
        return self._map(lambda a: a * factor)

    def dot(self, other: Self) -> float:
        """Return the real scalar product."""
        return sum(_dot(a, b) for a, b in zip(self._parts(), other._parts(), strict=True))

    def to(self, device: torch.device | str) -> Self:
        """Return the same on another device."""
        return self._map(lambda a: a.to(device))

    @property
    def finite(self) -> bool:
        """Whether every number is one."""
        return all(
            bool(torch.isfinite(torch.view_as_real(a) if a.is_complex() else a).all()) for a in self._parts()
        )

    def _parts(self) -> list[Tensor]:
        return [getattr(self, field.name) for field in fields(self)]

    def _map(self, change: Callable[[Tensor], Tensor]) -> Self:
        return type(self)(*(change(part) for part in self._parts()))

    def _pairwise(self, other: Self, join: Callable[[Tensor, Tensor], Tensor]) -> Self:
        return type(self)(*(join(a, b) for a, b in zip(self._parts(), other._parts(), strict=True)))


def _dot(a: Tensor, b: Tensor) -> float:
    product = a.real * b.real + a.imag * b.imag if a.is_complex() else a * b
    return float(product.sum(dtype=torch.float64))


@dataclass(frozen=True)
class Free:
    """Which of the unknowns may move."""

    object: bool = True
    probe: bool = True
    positions: bool = False
    gains: bool = False
    glow: bool = False

    @property
    def beam(self) -> bool:
        """Whether the far field of the change of the probe is needed."""
        return self.probe or self.positions
