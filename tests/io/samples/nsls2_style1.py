from pathlib import Path

import h5py
from samples.letter import ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """Frames and positions [x; y] in micrometres."""
    truth = letter()
    path = folder / "scan.h5"
    with h5py.File(path, "w") as file:
        file["entry/data/data"] = truth.intensities.astype("u4")
        file["scan/scan_positions"] = truth.centres.T[::-1] * PIXEL_M * 1e6
        file["scan/energy"], file["scan/exposure_time"] = ENERGY_EV, 0.05
    return path
