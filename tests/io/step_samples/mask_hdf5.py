from pathlib import Path

import h5py
from samples.letter import letter


def write(folder: Path) -> Path:
    """A compressed mask, in a group, beside words."""
    mask = letter().intensities[0] > 100.0
    path = folder / "mask.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("entry/mask", data=mask, chunks=(8, 8), compression="gzip")
        file["entry/name"] = "of the detector"
    return path
