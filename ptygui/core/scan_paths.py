"""Scan paths: probe positions in object pixels, (n, 2) float64 (y, x), for windows inside an object."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def raster_path(
    object_shape: tuple[int, int],
    window: tuple[int, int],
    step_px: float,
    *,
    jitter_px: float = 0.0,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return a centred raster, row by row, that fills the object.

    Parameters
    ----------
    object_shape : (rows, cols)
    window : (H, W) of the patterns; every window lies wholly inside the object
    step_px : float
    jitter_px : float
        Each position is moved by up to this much, uniformly, in y and x: breaks the raster's periodicity.
    seed : int
    """
    low, high = _limits(object_shape, window)
    axes = [_centred_steps(low[i], high[i], step_px) for i in (0, 1)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    jitter = np.random.default_rng(seed).uniform(-jitter_px, jitter_px, grid.shape)
    return np.clip(grid + jitter, low, high)


def spiral_path(
    object_shape: tuple[int, int], window: tuple[int, int], step_px: float
) -> NDArray[np.float64]:
    """Return a Fermat spiral from the middle outwards (Huang et al., Opt. Express 22, 12634, 2014).

    Point k lies at radius c sqrt(k) and angle k times the golden angle, with c = step / sqrt(pi), so that
    each point owns the area step². Points whose window would leave the object are skipped.

    Parameters
    ----------
    object_shape : (rows, cols)
    window : (H, W)
    step_px : float
    """
    low, high = _limits(object_shape, window)
    middle, reach = (low + high) / 2, np.hypot(*(high - low)) / 2
    scale = step_px / np.sqrt(np.pi)
    k = np.arange(int(np.ceil((reach / scale) ** 2)) + 1)
    angle = k * np.pi * (3 - np.sqrt(5))
    points = middle + scale * np.sqrt(k)[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    inside = ((points >= low) & (points <= high)).all(axis=1)
    return np.asarray(points[inside], np.float64)


def _limits(
    object_shape: tuple[int, int], window: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest centre whose window, moved to the nearest pixel, fits the object."""
    shape, size = np.array(object_shape, np.float64), np.array(window)
    low, high = (size // 2).astype(np.float64), shape - size + size // 2
    if (high < low).any():
        raise ValueError(f"An object of {object_shape} pixels is smaller than a pattern of {window}.")
    return low, high


def _centred_steps(low: float, high: float, step: float) -> NDArray[np.float64]:
    count = int((high - low) // step) + 1
    return np.asarray((low + high) / 2 + (np.arange(count) - (count - 1) / 2) * step, np.float64)
