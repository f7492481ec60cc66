from pathlib import Path

import h5py
import numpy as np
from samples.letter import ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """Complex numbers as MATLAB's save2hdf5 writes them: compounds of r and i."""
    truth = letter()
    path = folder / "S00001_recons.h5"
    with h5py.File(path, "w") as file:
        p = file.create_group("reconstruction/p")
        p["objects/object_0"] = compound(truth.image[np.newaxis])
        p["probes/probe_0"] = compound(truth.probe[np.newaxis])
        p["positions"] = truth.corners.astype("f8")
        p["dx_spec"], p["energy"] = [[PIXEL_M], [PIXEL_M]], [[ENERGY_EV / 1e3]]
        file["reconstruction/object"] = h5py.SoftLink("/reconstruction/p/objects")
    return path


def compound(values: np.ndarray) -> np.ndarray:
    parts = np.empty(values.shape, [("r", "f4"), ("i", "f4")])
    parts["r"], parts["i"] = values.real, values.imag
    return parts
