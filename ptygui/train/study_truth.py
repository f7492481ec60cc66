"""The true object that a study's runs are validated on, where it is simulated."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ptygui.core.objects import grid_lines
from ptygui.train.config import SimulatedLines, TrainConfig

USUAL_SPREAD = 0.1
"""How much amplitudes spread, where the truth is not known."""


def true_object(config: TrainConfig) -> NDArray[np.complex64] | None:
    """Return the whole object that validates, (rows, cols) complex64; None if it is not known."""
    return _lines(config.data) if isinstance(config.data, SimulatedLines) else None


def true_spread(config: TrainConfig) -> float:
    """Return the standard deviation of the true amplitude, or what is usual."""
    return _spread(config.data) if isinstance(config.data, SimulatedLines) else USUAL_SPREAD


@lru_cache(maxsize=4)
def _lines(data: SimulatedLines) -> NDArray[np.complex64]:
    return grid_lines((data.object_px, data.object_px), seed=data.first_seed + data.scans)


@lru_cache(maxsize=64)
def _spread(data: SimulatedLines) -> float:
    return float(np.std(np.abs(_lines(data))))
