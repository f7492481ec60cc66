from pathlib import Path

import h5py
import numpy as np
from samples.letter import DISTANCE_M, ENERGY_EV, PIXEL_M, letter


def write(folder: Path) -> Path:
    """A product as Ptychodus writes it to CXI."""
    truth, path = letter(), folder / "product.cxi"
    y, x = truth.centres.T * PIXEL_M
    with h5py.File(path, "w") as file:
        file["cxi_version"] = 160
        entry = file.create_group("entry_1")
        entry["title"] = "letter"
        entry["sample_1/geometry_1/translation"] = np.stack([x, y, np.zeros(len(x))], axis=1)
        entry["data_1/translation"] = h5py.SoftLink("/entry_1/sample_1/geometry_1/translation")
        entry["instrument_1/source_1/energy"] = ENERGY_EV * 1.602176634e-19
        entry["instrument_1/detector_1/distance"] = DISTANCE_M
        entry["image_1/data"], entry["image_2/data"] = truth.probe[None, None], truth.image[None]
        own = entry.create_group("ptychodus")
        own["probe_position_indexes"] = np.arange(len(x))
        for what in ("probe", "object"):
            own[f"{what}_pixel_width_m"] = own[f"{what}_pixel_height_m"] = PIXEL_M
        for axis, length in zip("yx", truth.image.shape, strict=True):
            own[f"object_center_{axis}_m"] = length / 2 * PIXEL_M
    return path
