"""RAAR, relaxed averaged alternating reflections (Luke, Inverse Problems 21, 37 (2005)).

    psi <- beta / 2 (R_O R_F + 1) psi + (1 - beta) Pi_F psi,  R = 2 Pi - 1
         = beta (psi + Pi_O(2 Pi_F psi - psi)) + (1 - 2 beta) Pi_F psi

Pi_F projects onto the measured moduli, Pi_O onto products of object and probe. Near beta = 1 it searches as
the difference map does; below, it comes to rest.
"""

from __future__ import annotations

from torch import Tensor

from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.engines.whole import Projection, WholeEngine

BETA = 0.9
"""Where the user's `object_step` leaves it open; never above 1."""


@register_engine("raar")
class RaarEngine(WholeEngine):
    """See the module text."""

    def carry(self, psi: Tensor, model: Tensor, project: Projection) -> Tensor:
        """Carry waves one iteration on; see `WholeEngine.carry`."""
        beta = self._calm * min(self._config.object_step or BETA, 1.0)
        return beta * (psi + model) + (1 - 2 * beta) * project(psi)

    def offered(self, psi: Tensor, project: Projection) -> Tensor:
        """Return the waves, mirrored by the measured moduli."""
        return 2 * project(psi) - psi
