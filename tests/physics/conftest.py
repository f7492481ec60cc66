"""A small scan in float64: its object is made of a few plane waves, so it is known between pixels too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch

SIZE = 32
ROWS = COLS = 64


def _object_at(rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """The true object at any place, also between pixels: periods of 5 pixels and more."""
    rng = np.random.default_rng(5)
    waves = np.full(np.broadcast_shapes(rows.shape, cols.shape), 0.973, complex)
    for _ in range(10):
        ky, kx = rng.uniform(-0.2, 0.2, 2)
        waves += 0.073 * np.exp(2j * np.pi * (ky * rows + kx * cols + rng.uniform()))
    return waves


def gaussian_probe() -> np.ndarray:
    """A curved Gaussian that fades to nothing at the rim, and its derivative, (2, H, W)."""
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    radius = y**2 + x**2
    first = np.exp(-radius / (2 * 3.2**2) + 0.02j * radius)
    return np.stack([30 * first, 4 * y * first])


@dataclass(frozen=True)
class Experiment:
    """Truth and positions; the amplitudes come from the code under test or from core.simulate."""

    truth: torch.Tensor
    """(ROWS, COLS) complex128."""
    probe: torch.Tensor
    """(2, SIZE, SIZE) complex128."""
    positions: torch.Tensor
    """(n, 2) float64, fractional."""

    @property
    def groups(self) -> torch.Tensor:
        """All on one canvas."""
        return torch.zeros(len(self.positions), dtype=torch.int64)


@pytest.fixture
def experiment() -> Experiment:
    """36 patterns with much overlap at fractional positions under a probe of two modes."""
    line = np.arange(SIZE // 2 + 1, ROWS - SIZE // 2 - 1, 5)
    grid = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    positions = grid + np.random.default_rng(1).uniform(-1, 1, grid.shape)
    truth = _object_at(*np.mgrid[:ROWS, :COLS].astype(float))
    return Experiment(
        torch.from_numpy(truth), torch.from_numpy(gaussian_probe()), torch.from_numpy(positions)
    )


@pytest.fixture
def object_at() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The true object's formula."""
    return _object_at
