from pathlib import Path

import tifffile
from samples.letter import letter


def write(folder: Path) -> Path:
    """A mask as a single page."""
    mask = letter().intensities[0] > 100.0
    path = folder / "mask.tif"
    tifffile.imwrite(path, mask.astype("u1"))
    return path
