from pathlib import Path

import h5py
from samples.letter import letter
from samples.ptychodus_npz import write_product


def write(folder: Path) -> Path:
    """Patterns alone as HDF5, and a product of another kind beside them."""
    with h5py.File(folder / "diffraction.h5", "w") as file:
        file.create_dataset("dp", data=letter().intensities, chunks=(1, 16, 16), compression="lzf")
    write_product(folder / "product.npz")
    return folder / "diffraction.h5"
