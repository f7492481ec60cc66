from pathlib import Path

import h5py
import numpy as np
from samples.ptychodus_npz import write_product

ATTRIBUTES = ("name", "comments", "detector_object_distance_m", "photon_energy_eV", "exposure_time_s")


def write(folder: Path) -> Path:
    """The same product in HDF5: sizes are attributes of what they belong to."""
    write_product(folder / "flat.npz")
    path = folder / "product-out.h5"
    with np.load(folder / "flat.npz") as flat, h5py.File(path, "w") as file:
        for key in flat.files:
            owner = next((name for name in ("probe", "object") if key.startswith((f"{name}_pixel", f"{name}_c"))), None)
            if key in ATTRIBUTES:
                file.attrs[key] = flat[key].item()
            elif owner is None:
                file[key] = flat[key]
        for owner in ("probe", "object"):
            sizes = {key: flat[key].item() for key in flat.files if key.startswith((f"{owner}_pixel", f"{owner}_c"))}
            file[owner].attrs.update({key.removeprefix(f"{owner}_"): value for key, value in sizes.items()})
    (folder / "flat.npz").unlink()
    return path
