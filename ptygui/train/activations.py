"""How lively the blocks of a generator are: units that are on, gates, norms; of any architecture.

A block is named by its place in the network: 'lifter', 'encoder.0' (full size), 'bottleneck', 'decoder.0'
(full size, the last before the output), 'layers.0'. What feeds a GELU must go through an `nn.GELU` module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

OFF_BELOW = -5.0
"""Where GELU and its gradient are below 1e-5 of what they are at 1: no training wakes such a unit."""


class UnitsOn:
    """Remembers, while a generator runs under `watching`, which units were on anywhere.

    A unit is a channel that feeds a GELU; it is on where it is above `OFF_BELOW`.
    """

    def __init__(self) -> None:
        self._largest: dict[str, list[Tensor]] = {}

    def shares(self) -> dict[str, float]:
        """Share of the units of each block that were on for any pattern and pixel, 0..1."""
        return {
            block: float((torch.cat(largest) > OFF_BELOW).float().mean())
            for block, largest in self._largest.items()
        }

    @contextmanager
    def watching(self, generator: nn.Module) -> Iterator[None]:
        """Look on while the generator is run once."""
        gelus = [(name, module) for name, module in generator.named_modules() if isinstance(module, nn.GELU)]
        hooks = [module.register_forward_pre_hook(self._look(block_of(name))) for name, module in gelus]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _look(self, block: str) -> Callable[[nn.Module, Any], None]:
        def remember(_gelu: nn.Module, inputs: Any) -> None:
            units: Tensor = inputs[0]  # (b, C, H, W)
            self._largest.setdefault(block, []).append(units.detach().amax(dim=(0, 2, 3)))

        return remember


def gates_and_norms(generator: nn.Module) -> dict[str, float]:
    """Mean size of the gates and of the norms' weights of each block.

    Returns
    -------
    dict
        'gate.encoder.0': mean |LayerScale|; 'norm.encoder.0': mean |weight| of InstanceNorm or GroupNorm.
    """
    means: dict[str, float] = {}
    for name, module in generator.named_modules():
        gate = getattr(module, "layerscale", None)
        if isinstance(gate, Tensor):
            means[f"gate.{name}"] = _mean_size(gate)
        weight = getattr(module, "weight", None)
        if isinstance(module, nn.InstanceNorm2d | nn.GroupNorm) and isinstance(weight, Tensor):
            means[f"norm.{block_of(name)}"] = _mean_size(weight)
    return means


def block_of(name: str) -> str:
    """Return the block that a module belongs to: 'encoder.0' of 'encoder.0.gelu'."""
    return name.rpartition(".")[0] or name


def _mean_size(values: Tensor) -> float:
    return float(values.detach().abs().mean())
