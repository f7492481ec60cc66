"""APS 9-ID CSSI: patterns and motor positions in mm (ptychodus, aps09id_cssi_position_file.py)."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np


def write(folder: Path) -> Path:
    path = folder / "cssi.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["exchange/data"] = rng.poisson(5, (6, 12, 12)).astype(np.uint16)
        grid = np.stack(np.meshgrid(np.arange(3), np.arange(2)), axis=-1).reshape(-1, 2)
        file["exchange/motor_pos"] = grid * 0.4e-3
    return path
