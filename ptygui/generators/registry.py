"""Which architectures there are: a module of this package that registers one is found by itself.

A generator is an `nn.Module` made as `cls(in_channels, input_size, config)`, whose forward maps encoded
patterns (b, C, H, W) float32 to patches (b, H, W) complex64 in units in which the flat object is 1.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from torch import nn

import ptygui.generators
from ptygui.core.errors import ConfigError
from ptygui.generators.contract import CHANNELS, GeneratorSpec

GeneratorClass = TypeVar("GeneratorClass", bound=Callable[..., nn.Module])


@dataclass(frozen=True)
class Architecture:
    """A registered architecture."""

    name: str
    description: str
    """The first line of its docstring."""
    config_class: type[msgspec.Struct]
    build: Callable[[int, int, Any], nn.Module]
    """(in_channels, input_size, config) -> generator."""


_architectures: dict[str, Architecture] = {}


def register_generator(
    name: str, config_class: type[msgspec.Struct]
) -> Callable[[GeneratorClass], GeneratorClass]:
    """Return a class decorator that makes an architecture known under `name`."""

    def register(cls: GeneratorClass) -> GeneratorClass:
        description = (cls.__doc__ or name).strip().splitlines()[0]
        _architectures[name] = Architecture(name, description, config_class, cls)
        return cls

    return register


def list_generators() -> dict[str, Architecture]:
    """Return every architecture by name, in alphabetical order."""
    for module in pkgutil.iter_modules(ptygui.generators.__path__):
        importlib.import_module(f"{ptygui.generators.__name__}.{module.name}")
    return dict(sorted(_architectures.items()))


def make_config(name: str, values: Mapping[str, Any]) -> Any:
    """Return the configuration of an architecture, defaults filled in.

    Raises
    ------
    ConfigError
        If there is no such architecture, or a key is unknown or has a wrong value.
    """
    config_class = _find(name).config_class
    try:
        return msgspec.convert(dict(values), config_class)
    except msgspec.ValidationError as error:
        known = ", ".join(config_class.__struct_fields__)
        raise ConfigError(f"The configuration of generator '{name}': {error}. It knows {known}.") from None


def default_config(name: str) -> dict[str, Any]:
    """Return the complete default configuration of an architecture as plain values."""
    config: dict[str, Any] = msgspec.to_builtins(make_config(name, {}))
    return config


def create_generator(name: str, in_channels: int, input_size: int, **config: Any) -> nn.Module:
    """Build an untrained generator.

    Parameters
    ----------
    name : str
    in_channels : int
        Channels of the encoding, contract.CHANNELS.
    input_size : int
        H = W it is trained on; it sets how many frequencies the spectral convolutions keep.
    **config
        Keys of the architecture's configuration; the rest takes its default.

    Raises
    ------
    ConfigError
        If there is no such architecture, or a key is unknown or has a wrong value.
    """
    return _find(name).build(in_channels, input_size, make_config(name, config))


def build_generator(spec: GeneratorSpec) -> nn.Module:
    """Build the untrained generator that a spec describes; raises ConfigError."""
    return create_generator(spec.architecture, CHANNELS[spec.encoding], spec.input_size, **spec.config)


def _find(name: str) -> Architecture:
    architectures = list_generators()
    if name not in architectures:
        raise ConfigError(f"There is no generator '{name}'; there are {', '.join(architectures)}.")
    return architectures[name]
