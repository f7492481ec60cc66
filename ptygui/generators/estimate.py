"""How large a generator is, before it is built: exact parameters, memory to infer and to train.

The network is run on torch's 'meta' device, where tensors have shapes but no memory, and the bytes of the
tensors alive are counted operation by operation. Encoder and forward model come on top, and so does what
torch itself takes; an allocator that does not give memory back (glibc's) can hold up to twice as much.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ptygui.generators.contract import CHANNELS, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator

_FLOAT_BYTES = 4
_ADAM_MOMENTS = 2
_WORKSPACE = 1.15
"""Convolutions and FFTs copy into layouts of their own; on a CPU 1.0 to 1.25 times the live tensors."""


@dataclass(frozen=True)
class Estimate:
    """What a generator takes at a batch size."""

    parameters: int
    inference_bytes: int
    """Parameters, and the most that is alive during a forward pass."""
    training_bytes: int
    """Parameters, Adam's two moments, and the most that is alive in forward and backward, gradients too."""


def estimate(spec: GeneratorSpec, batch_size: int, pattern_shape: tuple[int, int] | None = None) -> Estimate:
    """Estimate parameters and memory of a generator without building it.

    Parameters
    ----------
    spec : GeneratorSpec
    batch_size : int
    pattern_shape : (H, W) or None
        None: the size it is trained on.

    Raises
    ------
    ConfigError, RecipeError
        If the spec describes no generator, or it does not take patterns of that size.
    """
    height, width = pattern_shape or (spec.input_size, spec.input_size)
    with torch.device("meta"):
        generator = build_generator(spec)
        patterns = torch.empty(batch_size, CHANNELS[spec.encoding], height, width)
    parameters = count_parameters(generator)
    with torch.no_grad(), LiveBytes() as inference:
        generator(patterns)
    with LiveBytes() as training:
        loss = generator(patterns).abs().sum()
        loss.backward()
    held = _FLOAT_BYTES * parameters + patterns.nbytes
    moments = _ADAM_MOMENTS * _FLOAT_BYTES * parameters
    return Estimate(
        parameters,
        inference_bytes=held + int(_WORKSPACE * inference.peak),
        training_bytes=held + moments + int(_WORKSPACE * training.peak),
    )


class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows the tensors made inside its context; `peak` is the most bytes that were alive at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.alive: dict[weakref.ref[torch.UntypedStorage], int] = {}
        self.peak = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run an operation and count what it made."""
        known = {id(t.untyped_storage()) for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)}
        result = func(*args, **(kwargs or {}))
        for value in tree_leaves(result):
            if isinstance(value, Tensor) and id(value.untyped_storage()) not in known:
                self._follow(value.untyped_storage())
        self.peak = max(self.peak, sum(self.alive.values()))
        return result

    def _follow(self, storage: torch.UntypedStorage) -> None:
        reference = weakref.ref(storage, lambda dead: self.alive.pop(dead, None))
        self.alive[reference] = storage.nbytes()
