from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, WAVELENGTH_M, letter
from scipy.io import savemat


def write(folder: Path) -> Path:
    """As save(..., '-v6') writes: nothing compressed; positions are corners from 0."""
    truth = letter()
    p = {"dx_spec": np.full(2, PIXEL_M), "lambda": WAVELENGTH_M, "positions": truth.corners.astype(float)}
    savemat(folder / "S00001_recons.mat", {"object": truth.image, "probe": truth.probe, "p": p})
    return folder / "S00001_recons.mat"
