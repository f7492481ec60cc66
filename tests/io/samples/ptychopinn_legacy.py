from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """(H, W, n) under another name, as older files have it."""
    truth = letter()
    y, x = truth.centres.T.astype(float)
    frames = np.moveaxis(np.sqrt(truth.intensities), 0, 2)
    np.savez(folder / "legacy.npz", diffraction=frames, xcoords=x, ycoords=y, probeGuess=truth.probe)
    return folder / "legacy.npz"
