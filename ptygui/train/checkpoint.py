"""Checkpoints: weights and the optimiser's state as safetensors, counters in the header; never a pickle.

Tensors 'generator.<name>', 'average.<name>' if the weights are averaged, and 'optimiser.<index>.<name>'; the
header's metadata holds the `Counters` as JSON.
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
from ptygui.train.schedule import Plateau

_KEY = "ptygui.counters"


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run is."""

    step: int
    """Steps done."""
    wall_s: float
    """Time spent training so far."""
    best: float | None = None
    """Best canvas residual so far."""
    tried: int | None = None
    """Steps that drew batches, those included that a rollback undid; None: as many as `step`."""
    rate_scale: float = 1.0
    """What plateaus and rollbacks have left of the learning rate."""
    rollbacks_done: int = 0
    skipped: int = 0
    """Steps left out because they were not finite."""
    plateau: Plateau = Plateau()
    scaler: dict[str, float] | None = None
    """State of what scales the loss in 16 bits."""


def write_checkpoint(
    path: Path,
    generator: nn.Module,
    optimiser: torch.optim.Optimizer,
    counters: Counters,
    average: nn.Module | None = None,
) -> None:
    """Write a checkpoint, whole or not at all, even if the power fails.

    `average` holds the average of the generator's weights.

    Raises
    ------
    RunError
        If it cannot be written; an older one is then as it was.
    """
    tensors = {f"generator.{name}": value for name, value in generator.state_dict().items()}
    if average is not None:
        tensors |= {f"average.{name}": value for name, value in average.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
    contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    try:
        with replacing(path, durable=True) as temporary:
            save_file(contiguous, temporary, {_KEY: msgspec.json.encode(counters).decode()})
    except (OSError, safetensors.SafetensorError) as error:
        raise RunError(f"{path} cannot be written ({error}): make room, then resume the run.") from error


def read_counters(path: Path) -> Counters:
    """Read where the run was; raises RunError if the file is no checkpoint."""
    return _read(path)[0]


def load_checkpoint(
    path: Path,
    generator: nn.Module,
    optimiser: torch.optim.Optimizer | None = None,
    average: nn.Module | None = None,
) -> Counters:
    """Restore a generator (its optimiser, its average) in place; returns where the run was.

    The average of a checkpoint that has none is the generator itself.

    Raises
    ------
    RunError
        If the file is no checkpoint of this generator and optimiser; all are then as they were.
    """
    counters, tensors = _read(path)
    weights = _fitting(path, _under("generator.", tensors), generator)
    averaged = _fitting(path, _under("average.", tensors) or weights, generator)
    state = {} if optimiser is None else _optimiser_state(path, _under("optimiser.", tensors), optimiser)
    generator.load_state_dict(weights)
    if average is not None:
        average.load_state_dict(averaged)
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


def _fitting(path: Path, weights: dict[str, Tensor], generator: nn.Module) -> dict[str, Tensor]:
    if _shapes(weights) != _shapes(generator.state_dict()):
        raise RunError(f"{path} does not belong to this generator: its weights have other names or sizes.")
    return weights


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
