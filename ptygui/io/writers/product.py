"""A result as a Ptychodus product, HDF5 or npz (writers.product_parts tells the layout)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import h5py
import numpy as np

from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.geometry import to_metres
from ptygui.io.writers.product_parts import Product, product_arrays, write_product_hdf5


def write_product(path: Path, result: Reconstruction, stage: StageResult, provenance: str) -> None:
    """Write object, probe and positions as HDF5; `path` is replaced if it exists.

    The probe is in square roots of counts for an orthonormal FFT. Energy, distance and exposure are 0, as in
    Ptychodus, where they are not known. The pixel size must be known.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    memory = BytesIO()  # so that a full disk shows as one plain error, not inside HDF5
    with h5py.File(memory, "w") as file:
        write_product_hdf5(file, _product(result, stage, provenance))
    path.write_bytes(memory.getbuffer())


def write_product_npz(path: Path, result: Reconstruction, stage: StageResult, provenance: str) -> None:
    """Write the same as npz; `path` ends in '.npz'.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    np.savez_compressed(path, allow_pickle=False, **product_arrays(_product(result, stage, provenance)))


def _product(result: Reconstruction, stage: StageResult, provenance: str) -> Product:
    image = stage.image
    assert image.pixel_size_m is not None  # held by whoever asks for it (writers.results)
    return Product(
        name=result.scan_name,
        comments=provenance,
        energy_ev=number(result, "energy_ev"),
        distance_m=number(result, "distance_m"),
        pixel_size_m=image.pixel_size_m,
        positions_m=to_metres(stage.positions_px, image.pixel_size_m),
        probe=stage.probe,
        object=image.values[np.newaxis],
        origin_px=image.origin_px,
    )


def number(result: Reconstruction, key: str) -> float | None:
    """Return a number of the recipe, None if there is none."""
    value = result.recipe.get(key)
    return float(value) if isinstance(value, int | float) else None
