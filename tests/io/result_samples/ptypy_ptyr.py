from pathlib import Path

import h5py
import numpy as np
from samples.letter import ENERGY_EV, PIXEL_M, letter
from samples.ptypy_ptyd import put

ORIGIN_M = np.array([-3e-7, 5e-7])


def write(folder: Path) -> Path:
    """A reconstruction of two iterations with recorded positions."""
    truth, path = letter(), folder / "moon_DM_0002.ptyr"
    with h5py.File(path, "w") as file:
        put(file.create_group("header"), "kind", "fullflat")
        for name, data in (("obj", truth.image[None]), ("probe", truth.probe[None])):
            storage = file.create_group(f"content/{name}/Sscan_00G00")
            put(storage, "data", data.astype("c8"))
            put(storage, "_psize", np.array([PIXEL_M, PIXEL_M]))
            put(storage, "_origin", ORIGIN_M if name == "obj" else np.zeros(2))
            put(storage, "_energy", ENERGY_EV / 1e3)
        put(file.create_group("content/positions"), "Sscan_00G00", truth.centres * PIXEL_M + ORIGIN_M)
        for at, error in enumerate(([3.0, 30.0, 0.3], [2.0, 20.0, 0.2])):
            row = file.create_group(f"content/runtime/iter_info/{at:05d}")
            put(row, "error", np.array(error))
            put(row, "iteration", float(at + 1))
    return path
