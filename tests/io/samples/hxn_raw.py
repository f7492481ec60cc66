from pathlib import Path

import h5py
import numpy as np
from samples import hxn
from samples.on_detector import counts


def write(folder: Path) -> Path:
    """The detector's own frames named instead of amplitudes; the region is the one around the beam."""
    path = hxn.write(folder)
    with h5py.File(folder / "eiger_1.h5", "w") as file:
        file.create_dataset("entry/data/data", data=counts(), chunks=(1, 20, 22), compression="gzip")
    with h5py.File(path, "a") as file:
        del file["diffamp"]
        file["raw_data/filename"] = np.array([b"/nsls2/data/hxn/eiger_1.h5"], object)
        file["raw_data/roi"] = np.array([[0, 16], [3, 19]])
    return path
