"""LSQML, least squares for maximum likelihood (Odstrcil et al., Opt. Express 26, 3108 (2018)).

The directions dO and dP are preconditioned by what lights or sees each pixel; how far to go along them, a and
b, is the solution of least squares for all exit waves of the batch together:

    min_{a, b} sum_jm |chi_jm - a P_jm dO_j - b O_j dP_m|²

The paper solves for each pattern, and averages. Fractions of a pixel are left out where dP meets O: they cost
a transform and change a step by less than it is certain.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from ptygui.physics.exit_waves import overlaid
from ptygui.physics.slope import squared_modulus
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.engines.downhill import Downhill
from ptygui.reconstruct.refine.engines.sequential import SequentialEngine, Step
from ptygui.reconstruct.refine.problem import Problem

FLOOR = 0.3
"""Share of the largest curvature that is added: what is hardly lit moves slowly."""
RIDGE = 1e-3
"""Keeps the steps apart where both directions change the waves alike."""


@register_engine("lsqml")
class LsqmlEngine(SequentialEngine):
    """See the module text."""

    batch: ClassVar[int] = 32  # of fewer patterns the best step fits the noise

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        super().__init__(problem, at, free, config)
        self._direction = torch.empty_like(at.object)

    def weigh(self, curvature: Tensor, peak: Tensor) -> Tensor:
        """Return w, given the sum of |P|² or |O|² over the batch and the largest of one pattern."""
        return curvature + FLOOR * peak

    def lengths(self, way: Downhill) -> tuple[Step, Step]:
        """Solve for the steps of object and probe, by elimination."""
        direction = overlaid(way.object, way.lit.addresses, self._direction)
        along = _dot(direction, way.pull)
        bend = (1 + RIDGE) * (squared_modulus(direction) * way.light).sum()
        if way.probe is None or way.probe_pull is None:
            return _quotient(along, bend), 0.0
        seen = way.lit.seen.sum(dim=0)
        along_probe = _dot(way.probe, way.probe_pull)
        bend_probe = (1 + RIDGE) * (squared_modulus(way.probe).sum(dim=0) * seen).sum()
        if not self._free.object:
            return 0.0, _quotient(along_probe, bend_probe)
        both = _dot(direction, way.lit.patches[:, 0] * way.lit.to_object(way.probe))
        determinant = bend * bend_probe - both.square()
        return (
            _quotient(along * bend_probe - along_probe * both, determinant),
            _quotient(along_probe * bend - along * both, determinant),
        )


def _dot(a: Tensor, b: Tensor) -> Tensor:
    product: Tensor = torch.linalg.vecdot(a.reshape(-1), b.reshape(-1))
    return product.real


def _quotient(above: Tensor, below: Tensor) -> Tensor:
    """Nothing by nothing is nothing: where all is explained, no step is due."""
    return torch.where(below > 0, above / below, 0.0)
