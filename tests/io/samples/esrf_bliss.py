from pathlib import Path

import h5py
import numpy as np
from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """A file of BLISS: an alignment, an older scan, and the one that is meant, its frames behind a link."""
    truth = letter()
    with h5py.File(folder / "mpxeh3he_0000.h5", "w") as file:
        file["entry_0000/measurement/data"] = truth.intensities.astype("f4")
    path = folder / "sample_0001.h5"
    with h5py.File(path, "w") as file:
        file["1.1/measurement/nnp2"] = np.arange(5.0)
        file["9.1/measurement/mpxeh3he"] = np.ones((2, 16, 16), "f4")
        file["9.1/measurement/nnp2"] = file["9.1/measurement/nnp3"] = np.arange(2.0)
        file["10.1/title"] = "akmap"
        measured = file.create_group("10.1/measurement")
        measured["mpxeh3he"] = h5py.ExternalLink("mpxeh3he_0000.h5", "entry_0000/measurement/data")
        y, x = -truth.centres.T * PIXEL_M * 1e6
        measured["nnp2_user_position"], measured["nnp3_position"] = x, y
        measured["nnp2"] = measured["nnp3"] = np.zeros(7)
    return path
