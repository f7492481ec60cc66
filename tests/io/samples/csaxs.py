from pathlib import Path

import h5py
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """Frames, geometry in the beamline's units, and the orchestra's columns inside."""
    truth = letter()
    with h5py.File(folder / "scan_00123.h5", "w") as file:
        file["entry/data/data"] = truth.intensities.astype("f4")
        file["entry/instrument/monochromator/distance"] = -DISTANCE_M * 1e3
        file["entry/instrument/monochromator/energy"] = [ENERGY_EV / 1e3]
        for axis in "xy":
            file[f"entry/instrument/eiger_4/{axis}_pixel_size"] = DETECTOR_PIXEL_M * 1e6
        for axis, values in zip("yx", -truth.centres.T * PIXEL_M * 1e6, strict=True):
            file[f"entry/collection/orchestra/Average_{axis}_st_fzp"] = values
    return folder / "scan_00123.h5"
