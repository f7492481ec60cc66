from pathlib import Path

import numpy as np
from samples.letter import PIXEL_M, SIZE, WAVELENGTH_M, letter
from scipy.io import savemat


def variables() -> dict[str, object]:
    """With MATLAB's axes; the first pixel of a patch, counted from 1, is round(y + ceil(rows/2 - H/2))."""
    truth = letter()
    about_middle = truth.corners + 1 - np.ceil(np.array(truth.image.shape) / 2 - SIZE / 2)
    return {
        "object": np.stack([truth.image, truth.image * 0.5], axis=2),
        "probe": np.stack([truth.probe, truth.probe * 0.1], axis=2)[..., np.newaxis],
        "p": {"dx_spec": np.full(2, PIXEL_M), "lambda": WAVELENGTH_M, "asize": np.full(2, SIZE)},
        "outputs": {"probe_positions": about_middle[:, ::-1], "fourier_error_out": [[3.0], [2.0]]},
    }


def write(folder: Path) -> Path:
    savemat(folder / "Niter10.mat", variables(), do_compression=True)
    return folder / "Niter10.mat"
