"""What limits a gradient before the optimiser sees it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_value_, clip_grads_with_norm_, get_total_norm

from ptygui.train.config import Clipping
from ptygui.train.units import head_parameters, parameters_by_unit

EPS = 1e-3
"""A unit whose weights are smaller than this is clipped as if they were so large: it must leave zero."""


def clip_gradient(generator: nn.Module, clip: Clipping, limit: float) -> Tensor:
    """Limit the gradient in place.

    Parameters
    ----------
    generator : nn.Module
        After the backward pass.
    clip : 'norm', 'value', 'adaptive' or 'none'
        'norm': the norm of the whole gradient is at most `limit`. 'value': every number of it is. 'adaptive':
        see `clip_adaptively`.
    limit : float

    Returns
    -------
    () tensor: the norm of the gradient as it was; nothing is clipped if it is not finite.
    """
    gradients = [parameter.grad for parameter in generator.parameters() if parameter.grad is not None]
    norm = get_total_norm(gradients)
    if not torch.isfinite(norm):
        return norm
    if clip == "norm":
        clip_grads_with_norm_(generator.parameters(), limit, norm)
    elif clip == "value":
        clip_grad_value_(generator.parameters(), limit)
    elif clip == "adaptive":
        clip_adaptively(generator, limit)
    return norm


@torch.no_grad()
def clip_adaptively(generator: nn.Module, limit: float) -> None:
    """Keep each unit's gradient below a share of the unit's weights.

    Adaptive gradient clipping of Brock et al., "High-performance large-scale image recognition without
    normalization", ICML 2021, eq. 3: where |G_i| > limit max(|W_i|, 1e-3), G_i becomes limit max(|W_i|, 1e-3)
    G_i / |G_i|, the norms being those of unit i, an output channel. The last layer is left alone, as there.
    """
    last = head_parameters(generator)
    for parameter, axes in parameters_by_unit(generator):
        if parameter.grad is None or id(parameter) in last:
            continue
        allowed = limit * _norm(parameter, axes).clamp_min(EPS)
        parameter.grad.mul_((allowed / _norm(parameter.grad, axes).clamp_min(1e-12)).clamp_max(1.0))


def _norm(tensor: Tensor, axes: tuple[int, ...] | None) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(tensor, dim=axes, keepdim=axes is not None)
    return norm
