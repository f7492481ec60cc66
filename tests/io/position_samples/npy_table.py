from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """What numpy.save makes of positions (n, 2) (x, y)."""
    np.save(folder / "positions.npy", letter().centres[:, ::-1] * PIXEL_M)
    return folder / "positions.npy"
