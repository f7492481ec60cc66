from pathlib import Path

import h5py
import numpy as np
from samples.letter import DISTANCE_M, PIXEL_M, WAVELENGTH_M, letter


def write(folder: Path) -> Path:
    """(wavelengths, object modes, probe modes, slices, rows, cols), as saveResults(type="all") writes."""
    truth = letter()
    path = folder / "reconstruction.hdf5"
    with h5py.File(path, "w") as file:
        file["object"] = truth.image[(np.newaxis,) * 4].astype("c8")
        modes = np.stack([truth.probe, 0.1 * truth.probe])
        file["probe"] = modes[np.newaxis, np.newaxis, :, np.newaxis].astype("c8")
        file["error"] = np.array([3.0, 2.0], "f4")
        file["zo"], file["wavelength"], file["dxp"] = DISTANCE_M, WAVELENGTH_M, PIXEL_M
        file["encoder_corrected"] = (truth.centres - np.array(truth.image.shape) // 2) * PIXEL_M
    return path
