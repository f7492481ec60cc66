from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """A mask among what is no image."""
    mask = letter().intensities[0] > 100.0
    path = folder / "mask.npz"
    np.savez_compressed(path, mask=mask, exposure_s=0.5)
    return path
