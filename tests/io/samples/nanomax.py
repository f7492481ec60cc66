from pathlib import Path

import h5py
from samples.letter import ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """Frames behind a link, motors in micrometres; the sample moves against the probe."""
    truth = letter()
    with h5py.File(folder / "scan_000007_eiger.hdf5", "w") as file:
        file["entry/measurement/Eiger/data"] = truth.intensities.astype("f4")
    with h5py.File(folder / "000007.h5", "w") as file:
        file["entry/measurement/eiger4m/frames"] = h5py.ExternalLink(
            "scan_000007_eiger.hdf5", "entry/measurement/Eiger/data"
        )
        for axis, values in zip("yx", -truth.centres.T * PIXEL_M * 1e6, strict=True):
            file[f"entry/measurement/pseudo/{axis}"] = values
        file["entry/snapshot/energy"] = [ENERGY_EV]
    return folder / "000007.h5"
