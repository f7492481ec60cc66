"""What an engine is, and how it is found by its name.

An engine is one module in this folder with a class decorated by `register_engine`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import ClassVar, Protocol, TypeVar

import torch

from ptygui.core.errors import RecipeError
from ptygui.core.events import Event
from ptygui.physics.slope import Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.data import Data
from ptygui.reconstruct.refine.problem import Problem


class Engine(Protocol):
    """Improves the unknowns epoch by epoch."""

    can_free: ClassVar[Free]
    """What it can improve."""
    at: Unknowns
    """Where it stands: whole and finite after each epoch that returned a tally."""
    proven: ClassVar[bool]
    """True if the figures of an epoch are those of the state after it, not of those on the way."""
    monotonic: ClassVar[bool]
    """True if it takes no step that makes worse what it minimises, demands included."""
    settled: bool
    """True when it has found nothing better, and will not."""

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None: ...

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """See every pattern once; returns how they were explained on the way, None if it was stopped."""
        ...

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point and take half the steps from there."""
        ...


EngineClass = TypeVar("EngineClass", bound=type[Engine])
_engines: dict[str, type[Engine]] = {}
_WORDS = {
    "object": "the object",
    "probe": "the probe",
    "positions": "the positions",
    "gains": "the brightness of each pattern",
    "glow": "the background",
}
"""What each part of `Free` is called."""
_DEMANDS = ("amplitude_bound", "total_variation", "position_smoothness")


def register_engine(name: str) -> Callable[[EngineClass], EngineClass]:
    """Class decorator: make an engine known under its name."""

    def register(cls: EngineClass) -> EngineClass:
        _engines[name] = cls
        return cls

    return register


def engine_class(name: str) -> type[Engine]:
    """Return the engine of a name (config.Engine)."""
    package = importlib.import_module("ptygui.reconstruct.refine.engines")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return _engines[name]


def refuse_unable(name: str, free: Free) -> None:
    """Refuse an engine that cannot improve what is to be improved.

    Raises
    ------
    RecipeError
        Naming the engine, and what it cannot.
    """
    able = engine_class(name).can_free
    lacking = [words for part, words in _WORDS.items() if getattr(free, part) and not getattr(able, part)]
    if lacking:
        what = " and ".join([", ".join(lacking[:-1]), lacking[-1]] if lacking[1:] else lacking)
        raise RecipeError(f"'{name}' cannot improve {what}: choose 'gradient', or switch that off.")


def refuse_demands(config: RefineConfig) -> None:
    """Refuse what is demanded of the object or the positions with an engine that does not know it.

    Raises
    ------
    RecipeError
        Naming the setting, and what to do.
    """
    if config.engine == "gradient":
        return
    asked = next((name for name in _DEMANDS if getattr(config, name)), None)
    if asked is not None:
        raise RecipeError(f"Only 'gradient' knows {asked}: choose it, or set {asked} to 0.")


def shuffled(count: int, seed: int, epoch: int) -> torch.Tensor:
    """Return an order of `count` patterns that depends on seed and epoch only, (count,) int64."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(hash((seed, epoch)) & 0x7FFFFFFF))


@contextmanager
def small_batches(data: Data, size: int) -> Iterator[None]:
    """See few patterns at once for a while; what was halved for want of memory stays so."""
    before, small = data.batch_size, min(data.batch_size, size)
    data.batch_size = small
    try:
        yield
    finally:
        if data.batch_size == small:
            data.batch_size = before
