"""The difference map (Thibault et al., Science 321, 379 (2008); Ultramicroscopy 109, 338 (2009)).

    psi <- psi + beta [Pi_F(2 Pi_O psi - psi) - Pi_O psi]

Pi_O projects onto products of object and probe, Pi_F onto the measured moduli. It gets out of wrong solutions
in which descents stay, but noise keeps it moving: a few epochs of 'gradient' bring it to rest.
"""

from __future__ import annotations

from torch import Tensor

from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.engines.whole import Projection, WholeEngine

BETA = 1.0
"""Where the user's `object_step` leaves it open."""


@register_engine("dm")
class DifferenceMapEngine(WholeEngine):
    """See the module text."""

    def carry(self, psi: Tensor, model: Tensor, project: Projection) -> Tensor:
        """Carry waves one iteration on; see `WholeEngine.carry`."""
        beta = self._calm * (self._config.object_step or BETA)
        return psi + beta * (project(2 * model - psi) - model)

    def offered(self, psi: Tensor, project: Projection) -> Tensor:
        """Return the waves: it is Pi_O psi that the iteration needs."""
        return psi
