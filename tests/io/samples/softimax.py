"""MAX IV SoftiMAX: motors in a file, frames of the Andor in another (ptypy, softimax.py)."""

from __future__ import annotations

from pathlib import Path

import h5py
from samples.letter import ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    truth = letter()
    with h5py.File(folder / "scan_000123_andor.h5", "w") as file:
        file["entry/data/data"] = truth.intensities.round().astype("u4")
    path = folder / "000123.h5"
    with h5py.File(path, "w") as file:
        for axis, values in zip("yx", truth.centres.T * PIXEL_M * 1e6, strict=True):
            file[f"entry/measurement/fine{axis}"] = values
        file["entry/snapshot/beamline_energy"] = [ENERGY_EV]
    return path
