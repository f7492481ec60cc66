from pathlib import Path

import numpy as np
import tifffile
from samples.letter import letter


def write(folder: Path) -> Path:
    """A TIFF a frame in a folder."""
    frames = folder / "frames"
    frames.mkdir()
    for number, frame in enumerate(letter().intensities[:5]):
        tifffile.imwrite(frames / f"scan_{number:04d}.tif", np.rint(frame).astype("u2"))
    return frames
