"""What the training dialog says of a configuration before it is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptygui.gui.widgets import numbers
from ptygui.train.config import ENOUGH_STEPS, TrainConfig

if TYPE_CHECKING:
    from ptygui.jobs.sizes import SizeEstimate

_MINUTE_S = 60.0
_TENTH_S, _TEN_S = 0.1, 10.0


def estimate_words(config: TrainConfig, estimate: SizeEstimate) -> str:
    """Say how large the generator is and what fits into the budget: '1.78 M parameters · 310 MiB · …'."""
    parameters = f"{numbers.quantity(estimate.parameters, '', 3).strip(numbers.SPACE)} parameters"
    memory = f"{numbers.byte_size(estimate.training_bytes)} of memory"
    step = f"about {step_words(estimate.seconds_per_step)} a step: {_fits(config, estimate.seconds_per_step)}"
    return " · ".join((parameters, memory, step))


def memory_words(config: TrainConfig, estimate: SizeEstimate) -> str:
    """Say that the memory is not enough; empty if it is."""
    if estimate.enough_memory:
        return ""
    needed = numbers.byte_size(estimate.training_bytes)
    free = "" if estimate.free_bytes is None else f", and {numbers.byte_size(estimate.free_bytes)} are free"
    return (
        f"Not enough memory on {config.device}: {needed} are needed{free}. "
        "Choose a smaller size or a smaller neighbourhood."
    )


def step_words(seconds: float) -> str:
    """Write a short time: '0.15 s', '12 ms'."""
    if seconds < _TENTH_S:
        return numbers.quantity(seconds, "s", 2)
    return (
        f"{numbers.significant(seconds, 2)}{numbers.SPACE}s"
        if seconds < _TEN_S
        else numbers.duration(seconds)
    )


def _fits(config: TrainConfig, seconds_per_step: float) -> str:
    if config.minutes is None:
        return f"{numbers.grouped(config.steps)} steps in {_time(config.steps * seconds_per_step)}"
    steps = _MINUTE_S * config.minutes / seconds_per_step
    if steps > config.steps:
        return f"{numbers.grouped(config.steps)} steps in {_time(config.steps * seconds_per_step)}"
    return f"some {numbers.grouped(_rounded(steps))} steps in {_time(_MINUTE_S * config.minutes)}"


def at_most_words(config: TrainConfig) -> str:
    """Say that steps end a run that has minutes, too; empty if they never would."""
    if config.minutes is None or config.steps >= ENOUGH_STEPS:
        return ""
    return f"at most {numbers.grouped(config.steps)} steps"


def _time(seconds: float) -> str:
    if seconds % _MINUTE_S == 0:
        return f"{numbers.grouped(seconds / _MINUTE_S)}{numbers.SPACE}min"
    return numbers.duration(seconds)


def _rounded(steps: float) -> int:
    """Keep two digits: it is an estimate."""
    return max(1, int(float(f"{steps:.1e}")))
