from pathlib import Path

import h5py
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter

ENTRY = "entry_1"
DETECTOR = f"{ENTRY}/instrument_1/detector_1"


def put(file: h5py.File, key: str, value: object, units: str, **attributes: object) -> None:
    """Write a field with its unit."""
    file[key] = value
    file[key].attrs.update(units=units, **attributes)


def write(folder: Path) -> Path:
    """A raster of one line with all lengths in odd units; the motor y goes down."""
    truth = letter()
    y, x = truth.centres.T * PIXEL_M
    path = folder / "scan.nxs"
    with h5py.File(path, "w") as file:
        file[f"{ENTRY}/definition"] = "NXptycho"
        file[f"{DETECTOR}/data"] = truth.intensities[None]
        put(file, f"{DETECTOR}/distance", DISTANCE_M * 1e3, "mm")
        put(file, f"{DETECTOR}/x_pixel_size", DETECTOR_PIXEL_M * 1e6, "µm")
        put(file, f"{DETECTOR}/y_pixel_size", DETECTOR_PIXEL_M * 1e6, "um")
        put(file, f"{DETECTOR}/beam_center_x", 8.5, "pixels")
        put(file, f"{DETECTOR}/beam_center_y", 8.5 * DETECTOR_PIXEL_M, "m")
        put(file, f"{ENTRY}/instrument_1/beam_1/energy", ENERGY_EV / 1e3, "keV")
        put(file, f"{ENTRY}/sample_1/transformations/x", x[None] * 1e6, "micron", vector=[1.0, 0, 0])
        put(file, f"{ENTRY}/sample_1/transformations/y", -y[None] * 1e9, "nm", vector=[0, -1.0, 0])
        file[f"{ENTRY}/instrument_1/monitor/data"] = np.linspace(1, 2, len(y))[None]
    return path
