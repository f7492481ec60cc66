from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, WAVELENGTH_M, letter
from scipy.io import savemat


def variables() -> dict[str, object]:
    """With MATLAB's axes: frames (H, W, n)."""
    truth = letter()
    return {
        "dp": np.moveaxis(truth.intensities, 0, 2).astype("f4"),
        "ppX": truth.centres[:, 1] * PIXEL_M,
        "ppY": truth.centres[:, 0] * PIXEL_M,
        "lambda": WAVELENGTH_M,
        "dx": PIXEL_M,
    }


def write(folder: Path) -> Path:
    """MATLAB 7: every variable compressed."""
    savemat(folder / "scan.mat", variables(), do_compression=True)
    return folder / "scan.mat"
