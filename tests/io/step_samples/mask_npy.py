from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """A mask as numpy.save writes it."""
    mask = letter().intensities[0] > 100.0
    path = folder / "mask.npy"
    np.save(path, mask)
    return path
