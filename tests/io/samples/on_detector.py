"""The letter's patterns on a detector of another shape, the beam off its middle: what masters hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, letter

SHAPE, CENTRE = (20, 22), (8, 11)
"""(rows, cols); the largest square around the centre has 16 pixels like the letter's patterns."""


def counts(gap: int | None = None) -> np.ndarray:
    """Return (7, 20, 22) uint32; `gap` is the value of column 4."""
    frames = np.zeros((7, *SHAPE), np.uint32)
    frames[:, :16, 3:19] = np.rint(letter().intensities)
    if gap is not None:
        frames[:, :, 4] = gap
    return frames


def orchestra(path: Path, centres: np.ndarray) -> None:
    """Write an orchestra's .dat: the sample moves against the probe, in micrometres."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = "DataPoint TotalPoints Target_x Average_x_st_fzp Stdev_x_st_fzp Target_y Average_y_st_fzp"
    rows = [
        f"   {i}   {len(centres)}   0.0   {x:.9f}   0.01   0.0   {y:.9f}"
        for i, (y, x) in enumerate(-centres * PIXEL_M * 1e6)
    ]
    path.write_text("\n".join(["Scan 123, Samroy 0.0", names, *rows, ""]))
