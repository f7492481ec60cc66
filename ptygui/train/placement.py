"""Where a run trains: which devices, whether they can do what is asked, and which process this is."""

from __future__ import annotations

import os

from ptygui.core.errors import ConfigError
from ptygui.reconstruct.devices import test_device
from ptygui.train.config import TrainConfig


def own_rank(config: TrainConfig) -> int:
    """Return the number of this process among those of the run: 0 was started, the others by it.

    Lightning starts them as this process was started, and tells them their number in LOCAL_RANK.
    """
    return int(os.environ.get("LOCAL_RANK", "0")) if config.processes > 1 else 0


def devices_of(config: TrainConfig) -> list[str]:
    """Return the device of every process: 'cuda:1' and the two after it, or the CPU for all of them."""
    kind, _, index = config.device.partition(":")
    if kind == "cpu" or config.processes == 1:
        return [config.device] * config.processes
    return [f"{kind}:{int(index or 0) + rank}" for rank in range(config.processes)]


def check_devices(config: TrainConfig) -> None:
    """Refuse what the devices cannot do, before anything is computed.

    Raises
    ------
    ConfigError
        If they cannot train together, or not in the precision asked for.
    DeviceError
        If one is absent, busy or wrong.
    """
    kind = config.device.partition(":")[0]
    if kind == "mps" and config.processes > 1:
        raise ConfigError("An Apple GPU trains in one process only: set processes = 1.")
    _check_kind(kind, config)
    for device in sorted(set(devices_of(config))):
        test_device(device)
    if kind == "cuda" and config.precision == "bf16-mixed":
        _check_bfloat16(config.device)


def _check_kind(kind: str, config: TrainConfig) -> None:
    if config.precision == "16-mixed" and kind == "cpu":
        raise ConfigError(
            "A CPU cannot train with precision = '16-mixed': choose 'bf16-mixed' or '32-true', or a GPU."
        )
    if config.precision != "32-true" and kind == "mps":
        raise ConfigError(f"An Apple GPU cannot train in '{config.precision}' here: choose '32-true'.")


def _check_bfloat16(device: str) -> None:
    import torch

    with torch.cuda.device(device):
        if not torch.cuda.is_bf16_supported(including_emulation=False):
            raise ConfigError(
                f"Device '{device}' cannot compute in bfloat16: choose '16-mixed' or '32-true'."
            )
