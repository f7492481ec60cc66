from pathlib import Path

import h5py
import numpy as np
from samples.letter import SIZE, letter


def write(folder: Path) -> Path:
    """One scan: MATLAB's permute([2 1 3]) and its reversed axes leave (n, H, W)."""
    truth = letter()
    path = folder / "S00001_data.h5"
    with h5py.File(path, "w") as file:
        scan = file.create_group("measurement/n0")
        scan["data"] = np.fft.fftshift(truth.intensities, axes=(1, 2)).astype("f4")
        scan["positions"] = truth.corners.astype("u4")
        scan.attrs["object"] = scan.attrs["probe"] = scan.attrs["detector"] = np.uint32(0)
        file["detector/n0/modules"] = np.array([[SIZE, SIZE, 0, 0]], "u4")
        file["detector/n0/bad_pixels"] = np.array([[3, 9], [8, 2]], "u4")
    return path
