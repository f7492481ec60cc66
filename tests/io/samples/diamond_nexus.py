from pathlib import Path

import h5py
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """Patterns and motors in the entry's data; the energy in keV without a word, the motors in mm."""
    truth = letter()
    y, x = truth.centres.T * PIXEL_M * 1e3
    path = folder / "i13.nxs"
    with h5py.File(path, "w") as file:
        file["entry_1/data/data"] = truth.intensities
        file["entry_1/data/x"], file["entry_1/data/y"] = x, y
        for axis in "xy":
            file[f"entry_1/data/{axis}"].attrs["units"] = "mm"
        file["entry_1/instrument_1/beam_1/energy"] = ENERGY_EV / 1e3
        detector = file.create_group("entry_1/instrument_1/detector_1")
        detector["distance"], detector["x_pixel_size"] = DISTANCE_M, DETECTOR_PIXEL_M
        detector["darkfield"], detector["flatfield"] = np.zeros((16, 16)), np.ones((16, 16))
        file["entry_1/instrument_1/monitor/data"] = np.linspace(1, 2, len(y))
    return path
