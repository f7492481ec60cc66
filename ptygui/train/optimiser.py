"""The optimiser of a configuration."""

from __future__ import annotations

from torch import nn
from torch.optim import Adam, AdamW, Optimizer

from ptygui.train.config import TrainConfig
from ptygui.train.units import weights_of


def make_optimiser(generator: nn.Module, config: TrainConfig) -> Optimizer:
    """Return Adam, or AdamW in two groups: weights, which decay, and the rest, which does not.

    Biases, gates and norms are left out of the decay: it would close the gates and switch the norms off.
    """
    if config.optimiser == "adam":
        return Adam(generator.parameters(), lr=config.learning_rate)
    decaying = [weight for weight, _ in weights_of(generator)]
    known = {id(weight) for weight in decaying}
    rest = [parameter for parameter in generator.parameters() if id(parameter) not in known]
    groups = [
        {"params": decaying, "weight_decay": config.weight_decay},
        {"params": rest, "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=config.learning_rate)
