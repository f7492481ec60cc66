from pathlib import Path

import h5py
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, PIXEL_M, WAVELENGTH_M, letter


def write(folder: Path) -> Path:
    """encoder / pixel + No // 2 is the centre of a patch in the object."""
    truth = letter()
    path = folder / "simulation.hdf5"
    with h5py.File(path, "w") as file:
        file["ptychogram"] = truth.intensities.astype("f4")
        file["encoder"] = (truth.centres - [20, 22]) * PIXEL_M
        file["wavelength"], file["zo"], file["dxd"] = [WAVELENGTH_M], [DISTANCE_M], [[DETECTOR_PIXEL_M]]
        file["entrancePupilDiameter"] = 8 * PIXEL_M
        file["orientation"] = 0
    return path
