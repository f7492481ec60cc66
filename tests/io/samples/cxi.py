from pathlib import Path

import h5py
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter

JOULE = 1.602176634e-19
DETECTOR = "entry_1/instrument_1/detector_1"


def write(folder: Path) -> Path:
    """What the sample did in CXI's frame: y up, x to the left, against the probe."""
    truth = letter()
    probe_y, probe_x = -truth.centres.T * PIXEL_M  # along the frames, which run along -y and -x
    path = folder / "letter.cxi"
    with h5py.File(path, "w") as file:
        file["cxi_version"], file["number_of_entries"] = 160, 1
        file["entry_1/title"] = "F"
        file["entry_1/instrument_1/source_1/energy"] = ENERGY_EV * JOULE
        file["entry_1/instrument_1/source_1/illumination"] = truth.probe.astype("c8")
        file.create_dataset(
            f"{DETECTOR}/data", data=truth.intensities, chunks=(1, 16, 16), compression="gzip"
        )
        file[f"{DETECTOR}/distance"] = DISTANCE_M
        p = DETECTOR_PIXEL_M
        file[f"{DETECTOR}/basis_vectors"] = np.array([[0, -p, 0], [-p, 0, 0]]).T
        mask = np.zeros((16, 16), np.uint32)
        mask[0, 3], mask[1, 4], mask[2, 5] = 1, 0x1000, 0x1001
        file[f"{DETECTOR}/mask"] = mask
        file[f"{DETECTOR}/data_dark"] = np.stack([np.zeros((16, 16)), np.full((16, 16), 2.0)])
        moved = -np.stack([probe_x, probe_y, np.zeros(len(probe_x))])
        file["entry_1/sample_1/geometry_1/translation"] = moved
        file["entry_1/data_1/data"] = h5py.SoftLink(f"/{DETECTOR}/data")
    return path
