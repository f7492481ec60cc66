"""ptygui's own .npz: a result complete in one file that NumPy opens without pickles.

Keys: `object` (rows, cols) complex64, `covered` (rows, cols) bool, `origin_px` (row, col) of element [0, 0]
in the frame of `positions_px` (n, 2) (y, x), `pixel_size_m` (y, x) if known, `probe` (modes, H, W)
complex64, `provenance` JSON text with the recipe.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ptygui.core.events import StageResult


def write_npz(path: Path, stage: StageResult, provenance: str) -> None:
    """Write a stage of a result; `path` ends in '.npz' and is replaced if it exists.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    image = stage.image
    arrays: dict[str, Any] = {
        "object": image.values,
        "covered": image.covered,
        "origin_px": np.asarray(image.origin_px, np.float64),
        "positions_px": stage.positions_px,
        "probe": stage.probe,
        "provenance": np.array(provenance),
    }
    if image.pixel_size_m is not None:
        arrays["pixel_size_m"] = np.asarray(image.pixel_size_m, np.float64)
    np.savez_compressed(path, allow_pickle=False, **arrays)
