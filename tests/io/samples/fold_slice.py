from pathlib import Path

import h5py
from samples.letter import PIXEL_M, WAVELENGTH_M, letter


def write(folder: Path) -> Path:
    """The pair; the path of the patterns."""
    truth = letter()
    with h5py.File(folder / "data_roi0_dp.hdf5", "w") as file:
        file.create_dataset("dp", data=truth.intensities.astype("f4"), chunks=(1, 16, 16), compression="gzip")
    with h5py.File(folder / "data_roi0_para.hdf5", "w") as file:
        file["ppX"], file["ppY"] = truth.centres[:, 1:] * PIXEL_M, truth.centres[:, :1] * PIXEL_M
        file["lambda"], file["dx"], file["angle"] = [[WAVELENGTH_M]], [[PIXEL_M]], [[12.0]]
    return folder / "data_roi0_dp.hdf5"
