from pathlib import Path

import h5py
import numpy as np
from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """Seven shots; the stages carry the sample, which moves against the probe."""
    truth = letter()
    path = folder / "xpp_run1.h5"
    with h5py.File(path, "w") as file:
        file["jungfrau1M/image_img"] = truth.intensities.astype("f4")
        file["lmc/ch03"], file["lmc/ch05"] = -truth.centres.T[::-1] * PIXEL_M * 1e6
        file["lmc/ch04"] = np.zeros(len(truth.corners))
        file["ipm2/sum"] = np.linspace(2000, 4000, len(truth.corners))
    return path
