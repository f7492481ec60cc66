"""How large a generator shall be: parameters, memory and time, told before a training starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ptygui.train.config import TrainConfig

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = ("small", "medium", "large")
_WIDTHS: dict[Size, int] = {"small": 8, "medium": 16, "large": 32}

_MOST_MEASURED_FLOPS = 2e11
"""Of one step: what takes a CPU core some seconds is no longer tried out."""
_MEMORY_KEPT_FREE = 0.9
_BESIDE_BYTES = 400 << 20
"""What the training process takes before the first tensor: torch, Lightning, the scan."""


@dataclass(frozen=True)
class SizeEstimate:
    """What a training takes on the chosen device."""

    parameters: int
    training_bytes: int
    """Generator, optimiser, and one batch forward and backward; and what the libraries take."""
    seconds_per_step: float
    enough_memory: bool
    """True also where it is not known how much is free."""
    free_bytes: int | None
    how: str = ""
    """How the time was found, a sentence."""


def size_config(generator: str, size: Size) -> dict[str, Any]:
    """Return what differs from a generator's default configuration at a size; loads torch.

    Raises
    ------
    ConfigError
        If there is no such generator.
    """
    from ptygui.generators.registry import default_config

    return {"width": _WIDTHS[size]} if "width" in default_config(generator) else {}


def estimate_size(config: TrainConfig, pattern_px: int) -> SizeEstimate:
    """Estimate what a training takes; loads torch, and takes up to some seconds.

    Parameters
    ----------
    config : TrainConfig
    pattern_px : int
        H = W of the patterns.

    Raises
    ------
    ConfigError, DeviceError, RecipeError
        If there is no such generator, setting or device, or it does not take patterns of that size.
    """
    from ptygui.generators.contract import GeneratorSpec
    from ptygui.generators.estimate import estimate

    try:
        spec = GeneratorSpec(
            architecture=config.generator,
            config=config.generator_config,
            encoding=config.encoding,
            input_size=pattern_px,
        )
    except ValueError as error:
        raise _config_error(error) from error
    batch = config.neighbourhood * config.neighbourhoods_per_step
    size = estimate(spec, batch)
    free_bytes = _free_bytes(config.device)
    needed = size.training_bytes + _BESIDE_BYTES
    enough = free_bytes is None or needed < _MEMORY_KEPT_FREE * free_bytes
    seconds, how = _time(config, pattern_px, enough)
    return SizeEstimate(size.parameters, needed, seconds * config.accumulate, enough, free_bytes, how)


def _config_error(error: ValueError) -> Exception:
    from ptygui.core.errors import ConfigError

    return ConfigError(f"The configuration of the generator: {error}.")


def _free_bytes(device_id: str) -> int | None:
    from ptygui.core.errors import DeviceError
    from ptygui.reconstruct.devices import list_devices

    devices = {device.id: device for device in list_devices()}
    if device_id not in devices:
        raise DeviceError(f"There is no device '{device_id}' here; there is {', '.join(devices)}.")
    return devices[device_id].free_bytes


def _time(config: TrainConfig, pattern_px: int, enough_memory: bool) -> tuple[float, str]:
    """Return the seconds of a step and how they were found."""
    from ptygui.train.trial import step_flops, step_seconds

    flops = step_flops(config, pattern_px)
    if enough_memory and flops < _MOST_MEASURED_FLOPS:
        return step_seconds(config, pattern_px), "Measured by some steps on this device."
    small = _smaller(config)
    seconds = step_seconds(small, pattern_px) * flops / step_flops(small, pattern_px)
    return seconds, "Scaled from the steps of a small generator by the number of operations."


def _smaller(config: TrainConfig) -> TrainConfig:
    """Return the small size of the same generator, with one small neighbourhood a step."""
    from msgspec.structs import replace

    changes = size_config(config.generator, "small")
    return replace(config, generator_config=changes, neighbourhood=4, neighbourhoods_per_step=1)
