"""Which parameters are weights, and along which axis of them the units lie that they feed."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from ptygui.generators.layers import PatchHead, SpectralConv

_UNIT_AXES: dict[type[nn.Module], int] = {
    nn.Linear: 0,
    nn.Conv2d: 0,
    nn.ConvTranspose2d: 1,
    SpectralConv: -1,
}


def weights_of(generator: nn.Module) -> Iterator[tuple[nn.Parameter, int]]:
    """Yield every weight that multiplies channels, with the axis of its output channels."""
    for module in generator.modules():
        axis = _UNIT_AXES.get(type(module))
        if axis is not None:
            yield module.get_parameter("weight"), axis


def parameters_by_unit(generator: nn.Module) -> Iterator[tuple[nn.Parameter, tuple[int, ...] | None]]:
    """Yield every parameter with the axes over which one unit extends; None: all of it is one unit.

    Biases, gates and the gains of norms are one unit each.
    """
    axes = {id(parameter): axis for parameter, axis in weights_of(generator)}
    for parameter in generator.parameters():
        axis = axes.get(id(parameter))
        yield parameter, None if axis is None else _others(parameter, axis)


def head_parameters(generator: nn.Module) -> set[int]:
    """Return the ids of the parameters of the last layer."""
    heads = (module for module in generator.modules() if isinstance(module, PatchHead))
    return {id(parameter) for head in heads for parameter in head.parameters()}


def _others(tensor: Tensor, axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(tensor.ndim) if other != axis % tensor.ndim)
