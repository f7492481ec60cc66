"""The Ptychodus product (h5_product_file.py of Ptychodus).

World to pixel: col = (x - center_x) / pixel_width + cols / 2, and rows alike.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ptygui.core.errors import ExportError
from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.geometry import to_metres
from ptygui.core.scan import ObjectImage


def pixel_size_of(result: Reconstruction, image: ObjectImage) -> tuple[float, float]:
    """Return the object pixel (y, x) in metres, without which there is no product.

    Raises
    ------
    ExportError
        If the geometry is unknown.
    """
    if image.pixel_size_m is None:
        raise ExportError(
            f"A Ptychodus product gives all lengths in metres, but the pixel size of {result.scan_name} is "
            "not known: choose TIFF, PNG or NPZ, which can do without."
        )
    return image.pixel_size_m


def write_product(path: Path, result: Reconstruction, stage: StageResult, provenance: str) -> None:
    """Write object, probe and positions as a product; `path` is replaced if it exists.

    The probe is in square roots of counts for an orthonormal FFT. Energy, distance and exposure are 0, as in
    Ptychodus, where they are not known.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    image = stage.image
    pixel_size = pixel_size_of(result, image)
    memory = BytesIO()  # so that a full disk shows as one plain error, not inside HDF5
    with h5py.File(memory, "w") as file:
        file.attrs.update(_root_attributes(result, stage, provenance))
        _write_positions(file, stage, pixel_size)
        _write_image(file, "probe", stage.probe, pixel_size)
        _write_image(file, "object", image.values[np.newaxis], pixel_size)
        for axis, name in enumerate(("center_y_m", "center_x_m")):
            middle = image.origin_px[axis] + image.values.shape[axis] / 2
            file["object"].attrs[name] = middle * pixel_size[axis]
        file["object_layer_spacing_m"] = np.zeros(0)
    path.write_bytes(memory.getbuffer())


def _root_attributes(result: Reconstruction, stage: StageResult, provenance: str) -> dict[str, Any]:
    known = {key: result.recipe.get(key) for key in ("energy_ev", "distance_m")}
    energy, distance = (float(v) if isinstance(v, int | float) else 0.0 for v in known.values())
    return {
        "name": result.scan_name,
        "comments": provenance,
        "probe_energy_eV": energy,
        "detector_object_distance_m": distance,
        "exposure_time_s": 0.0,
        "probe_photon_count": float((np.abs(stage.probe.astype(np.complex128)) ** 2).sum()),
        "mass_attenuation_m2_kg": 0.0,
        "tomography_angle_deg": 0.0,
    }


def _write_positions(file: h5py.File, stage: StageResult, pixel_size: tuple[float, float]) -> None:
    positions_m = to_metres(stage.positions_px, pixel_size)
    file["probe_position_indexes"] = np.arange(len(positions_m))
    file["probe_position_y_m"], file["probe_position_x_m"] = positions_m[:, 0], positions_m[:, 1]


def _write_image(file: h5py.File, key: str, values: Any, pixel_size: tuple[float, float]) -> None:
    file[key] = values
    file[key].attrs["pixel_height_m"], file[key].attrs["pixel_width_m"] = pixel_size
