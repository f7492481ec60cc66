from pathlib import Path

import numpy as np
import tifffile
from samples.letter import letter


def write(folder: Path) -> Path:
    """A frame a page."""
    path = folder / "frames.tif"
    with tifffile.TiffWriter(path) as file:
        for frame in np.rint(letter().intensities).astype("u2"):
            file.write(frame, contiguous=False)
    return path
