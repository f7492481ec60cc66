"""rPIE, the regularised ptychographical iterative engine (Maiden, Johnson & Li, Optica 4, 736 (2017)).

    w = (1 - alpha) |P|² + alpha max |P|²

alpha = 1 is ePIE; small ones let hardly lit pixels go as far as bright ones.
"""

from __future__ import annotations

from torch import Tensor

from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.engines.sequential import SequentialEngine

ALPHA = 0.25


@register_engine("rpie")
class RpieEngine(SequentialEngine):
    """See the module text."""

    def weigh(self, curvature: Tensor, peak: Tensor) -> Tensor:
        """Return w, given the sum of |P|² or |O|² over the batch and the largest of one pattern."""
        return (1 - ALPHA) * curvature + ALPHA * peak
