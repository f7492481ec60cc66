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
        owners = {key: owner_of(key) for key in flat.files}
        for key in (key for key, owner in owners.items() if owner is None and key not in ATTRIBUTES):
            file[key] = flat[key]
        file.attrs.update({key: flat[key].item() for key in ATTRIBUTES})
        for key, owner in owners.items():
            if owner is not None:
                file[owner].attrs[key.removeprefix(f"{owner}_")] = flat[key].item()
    (folder / "flat.npz").unlink()
    return path


def owner_of(key: str) -> str | None:
    """Return what a size belongs to."""
    return next(
        (name for name in ("probe", "object") if key.startswith((f"{name}_pixel", f"{name}_c"))), None
    )
