from pathlib import Path

import h5py
import numpy as np
from samples.letter import PIXEL_M, letter
from samples.on_detector import CENTRE, counts

LINES = ((1, slice(0, 3)), (2, slice(3, 5)), (10, slice(5, 7)))


def write(folder: Path) -> Path:
    """Three lines and their master; the columns of positions are number, y and -x in nanometres."""
    places, frames = letter().centres * PIXEL_M * 1e9, counts()
    for number, some in LINES:
        with h5py.File(folder / f"star_00042_{number:03d}.h5", "w") as file:
            file.create_dataset("dp", data=frames[some], chunks=(1, 20, 22), compression="gzip")
            y, x = places[some].T
            file["positions"] = np.stack([np.arange(len(y)), y, -x, 0 * y], axis=1)
    path = folder / "star_00042_master.h5"
    with h5py.File(path, "w") as file:
        file.attrs["beam_center_YX"] = np.array(CENTRE)
    return path
