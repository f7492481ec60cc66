"""ePIE, the extended ptychographical iterative engine (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)).

Its eqs. 6 and 7, with 1 / max |P|² and 1 / max |O|² as steps. Where windows of a batch lie on each other, and
for the probe, which all of them see, the sum over the batch takes the place of the maximum if it is larger.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.engines.sequential import SequentialEngine


@register_engine("epie")
class EpieEngine(SequentialEngine):
    """See the module text."""

    def weigh(self, curvature: Tensor, peak: Tensor) -> Tensor:
        """Return w, given the sum of |P|² or |O|² over the batch and the largest of one pattern."""
        return torch.maximum(curvature, peak)
