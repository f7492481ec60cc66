"""Checkpoints: weights and the optimiser's state as safetensors, counters in the header; never a pickle.

Tensors 'generator.<name>' and 'optimiser.<index>.<name>'; the header's metadata holds the `Counters` as JSON.
Batches and rates are functions of the step, so nothing else is needed to continue with the same numbers.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import safetensors
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ptygui.core.atomic import replacing
from ptygui.runs.layout import RunError

_KEY = "ptygui.counters"


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run is."""

    step: int
    """Steps done."""
    wall_s: float
    """Time spent training so far."""
    best: float | None = None
    """Best canvas residual so far."""


def write_checkpoint(
    path: Path, generator: nn.Module, optimiser: torch.optim.Optimizer, counters: Counters
) -> None:
    """Write a checkpoint, whole or not at all."""
    tensors = {f"generator.{name}": value for name, value in generator.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
    contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with replacing(path) as temporary:
        save_file(contiguous, temporary, {_KEY: msgspec.json.encode(counters).decode()})


def read_counters(path: Path) -> Counters:
    """Read where the run was; raises RunError if the file is no checkpoint."""
    return _read(path)[0]


def load_checkpoint(
    path: Path, generator: nn.Module, optimiser: torch.optim.Optimizer | None = None
) -> Counters:
    """Restore a generator (and its optimiser) in place; returns where the run was.

    Raises
    ------
    RunError
        If the file is no checkpoint of this generator and optimiser; both are then as they were.
    """
    counters, tensors = _read(path)
    weights = _under("generator.", tensors)
    if _shapes(weights) != _shapes(generator.state_dict()):
        raise RunError(f"{path} does not belong to this generator: its weights have other names or sizes.")
    state = {} if optimiser is None else _optimiser_state(path, _under("optimiser.", tensors), optimiser)
    generator.load_state_dict(weights)
    if optimiser is not None:
        optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    return counters


def _read(path: Path) -> tuple[Counters, dict[str, Tensor]]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            counters = msgspec.json.decode(metadata[_KEY], type=Counters)
            return counters, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, KeyError, msgspec.MsgspecError, safetensors.SafetensorError) as error:
        raise RunError(f"{path} is no checkpoint that can be read: {error}.") from error


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _shapes(tensors: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in tensors.items()}


def _optimiser_state(
    path: Path, tensors: dict[str, Tensor], optimiser: torch.optim.Optimizer
) -> dict[int, dict[str, Tensor]]:
    """Sort what was kept of each parameter by the parameter's number; its moments have its shape."""
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        known = index.isdecimal() and int(index) < len(parameters)
        if not known or value.shape not in (torch.Size(), parameters[int(index)].shape):
            raise RunError(
                f"{path} does not belong to this optimiser: '{name}' {list(value.shape)} is foreign."
            )
        state.setdefault(int(index), {})[key] = value
    return state
