"""A running average of a generator's weights: smoother than any single state of them."""

from __future__ import annotations

import copy

import torch
from torch import nn


def start_average(generator: nn.Module) -> nn.Module:
    """Return a generator of its own that holds the average, which is the weights as they are now."""
    return copy.deepcopy(generator).requires_grad_(False)


def decay_at(step: int, decay: float) -> float:
    """Return the share of the old average that is kept at a step, counted from 0.

    It rises to `decay` over the first steps, so that the random start is soon forgotten; every average covers
    about the last tenth of the way until then.
    """
    return min(decay, (1 + step) / (10 + step))


@torch.no_grad()
def update_average(average: nn.Module, generator: nn.Module, decay: float) -> None:
    """Move the average towards the weights: average <- decay average + (1 - decay) weights."""
    torch._foreach_lerp_(list(average.parameters()), list(generator.parameters()), 1 - decay)
