"""The loss through the canvas: overlapping patches must agree on one object that explains the patterns.

A single pattern under-determines its patch; so the patches of a neighbourhood are merged with the weights
|P|² into one small canvas, which is polished, cut up again, propagated and compared with the measurement.
"""

from __future__ import annotations

from torch import Tensor

from ptygui.physics.forward import amplitudes
from ptygui.physics.likelihood import amplitude_mae, poisson_deviance
from ptygui.physics.names import Likelihood
from ptygui.physics.patches import Layout
from ptygui.physics.projections import polish

_LOSSES = {"amplitude": amplitude_mae, "poisson": poisson_deviance}


def canvas_loss(
    patches: Tensor,
    measured: Tensor,
    where: Layout,
    *,
    probe: Tensor,
    weights: Tensor,
    polish_steps: int,
    loss: Likelihood,
    good: Tensor | None = None,
) -> Tensor:
    """How badly the merged and polished patches explain the patterns, a scalar.

    Parameters
    ----------
    patches : (n, H, W) complex, what the generator made
    measured : (n, H, W) float, amplitudes
    where : Layout of the n patches
    probe : (modes, H, W) complex, scaled so that the flat object is 1
    weights : (H, W) float, |P|² over its maximum plus a floor
    polish_steps : int
    loss : 'amplitude' or 'poisson'
    good : (H, W) bool or None
    """
    canvases, _ = where.merge(patches, weights)
    canvases = polish(canvases, probe, measured, where, polish_steps, good)
    computed = amplitudes(where.extract(canvases), where.shift_probe(probe))
    return _LOSSES[loss](measured, computed, good)
