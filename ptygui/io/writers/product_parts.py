"""The Ptychodus product as HDF5 and as npz (api/io.py and plugins/npz_product_file.py of Ptychodus 1.7).

World to pixel: col = (x - center_x) / pixel_width + cols / 2, and rows alike. Ptychodus 1.7 calls the energy
`photon_energy_eV`, older ones `probe_energy_eV`: both are written, and both names of the attenuation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Product:
    """What a product holds."""

    name: str
    comments: str
    energy_ev: float | None
    """None is written as 0, as Ptychodus does."""
    distance_m: float | None
    pixel_size_m: tuple[float, float]
    """(y, x) of object and probe."""
    positions_m: NDArray[np.float64]
    """(n, 2) (y, x)."""
    probe: NDArray[np.complex64] | None
    """(modes, H, W), square roots of counts for an orthonormal FFT."""
    object: NDArray[np.complex64]
    """(layers, rows, cols)."""
    origin_px: tuple[float, float]
    """(row, col) of the object's element [0, 0]."""

    def centre_m(self) -> tuple[float, float]:
        """Return (y, x) of the object's centre, rows / 2 and cols / 2 from its first element."""
        sizes = zip(self.origin_px, self.object.shape[-2:], self.pixel_size_m, strict=True)
        y, x = ((origin + length / 2) * pixel for origin, length, pixel in sizes)
        return y, x

    def plain(self) -> dict[str, Any]:
        """Return what is no array, by Ptychodus' names."""
        photons = 0.0 if self.probe is None else float((np.abs(self.probe.astype(np.complex128)) ** 2).sum())
        return {
            "name": self.name,
            "comments": self.comments,
            "photon_energy_eV": self.energy_ev or 0.0,
            "probe_energy_eV": self.energy_ev or 0.0,
            "detector_object_distance_m": self.distance_m or 0.0,
            "exposure_time_s": 0.0,
            "probe_photon_count": photons,
            "mass_attenuation_m2_per_kg": 0.0,
            "mass_attenuation_m2_kg": 0.0,
            "tomography_angle_deg": 0.0,
        }

    def positions(self) -> dict[str, NDArray[Any]]:
        """Return index, x and y of each position, by Ptychodus' names."""
        y, x = np.ascontiguousarray(self.positions_m.T)
        return {
            "probe_position_indexes": np.arange(len(self.positions_m)),
            "probe_position_x_m": x,
            "probe_position_y_m": y,
        }


def write_product_hdf5(file: h5py.File, product: Product) -> None:
    """Write a product into an HDF5 file."""
    file.attrs.update(product.plain())
    for key, values in product.positions().items():
        file[key] = values
    for key, image in (("probe", product.probe), ("object", product.object)):
        if image is not None:
            file[key] = image
            file[key].attrs["pixel_height_m"], file[key].attrs["pixel_width_m"] = product.pixel_size_m
    file["object"].attrs["center_y_m"], file["object"].attrs["center_x_m"] = product.centre_m()
    file["object_layer_spacing_m"] = np.zeros(len(product.object) - 1)


def product_arrays(product: Product) -> dict[str, Any]:
    """Return a product as the arrays of an npz."""
    height, width = product.pixel_size_m
    y, x = product.centre_m()
    arrays = {
        **product.plain(),
        **product.positions(),
        "probe": product.probe,
        "probe_pixel_height_m": height,
        "probe_pixel_width_m": width,
        "object": product.object,
        "object_pixel_height_m": height,
        "object_pixel_width_m": width,
        "object_center_y_m": y,
        "object_center_x_m": x,
        "object_layer_spacing_m": np.zeros(len(product.object) - 1),
        "loss_epochs": np.zeros(0, np.int64),
        "loss_values": np.zeros(0),
    }
    return {key: value for key, value in arrays.items() if value is not None}
