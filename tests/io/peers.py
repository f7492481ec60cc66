"""What the formats' own software reads in our files: run by a Python that has it, never by ptygui's.

    python peers.py READER FILE OUT.npz

Writes what was read as plain arrays; each function imports what it needs, so that one absent package hides no
other. Nothing of ptygui is imported here.
"""

import importlib.metadata
import sys
from pathlib import Path

import numpy as np


def ptychodus_npz(path):
    from ptychodus.plugins.npz_diffraction_file import NPZDiffractionFileIO

    return _ptychodus_patterns(NPZDiffractionFileIO().read(path))


def ptychodus_h5(path):
    from ptychodus.plugins.h5_diffraction_file import H5DiffractionFileReader

    return _ptychodus_patterns(H5DiffractionFileReader(data_path="/dp").read(path))


def ptychodus_cxi(path):
    from ptychodus.plugins.cxi_file import CXIDiffractionFileReader

    dataset = CXIDiffractionFileReader().read(path)
    known = dataset.get_metadata()
    pixel = known.detector_pixel_geometry
    return _ptychodus_patterns(dataset) | {
        "energy_ev": known.photon_energy_eV,
        "distance_m": known.detector_distance_m,
        "detector_pixel_m": (pixel.height_m, pixel.width_m),
    }


def _ptychodus_patterns(dataset):
    bad = dataset.get_bad_pixels()
    patterns = np.concatenate([array.get_patterns() for array in dataset])
    return {"patterns": patterns} | ({} if bad is None else {"bad_pixels": bad})


def ptychodus_product_npz(path):
    from ptychodus.plugins.npz_product_file import NPZProductFileIO

    return _product(NPZProductFileIO().read(path))


def ptychodus_product_h5(path):
    from ptychodus.plugins.h5_product_file import H5ProductFileIO

    return _product(H5ProductFileIO().read(path))


def _product(product):
    geometry = product.object_.get_geometry()
    probe = product.probes.get_array()
    # the window around a position is centred on (n - 1) / 2, as api/interpolate.py has it
    rows = geometry.map_probe_positions_to_object_y_px(product.probe_positions)
    cols = geometry.map_probe_positions_to_object_x_px(product.probe_positions)
    return {
        "object": product.object_.get_array(),
        "probe": probe,
        "corners": np.stack([rows, cols], axis=1) - (np.array(probe.shape[-2:]) - 1) / 2,
        "pixel_size_m": (geometry.pixel_height_m, geometry.pixel_width_m),
        "energy_ev": product.metadata.photon_energy_eV,
        "distance_m": product.metadata.detector_distance_m,
        "name": product.metadata.name,
    }


def cdtools(path):
    from cdtools.datasets import Ptycho2DDataset
    from cdtools.tools import initializers, interactions

    dataset = Ptycho2DDataset.from_cxi(path)
    known = dataset.detector_geometry
    shape = dataset.patterns.shape[-2:]
    basis = initializers.exit_wave_geometry(known["basis"], shape, dataset.wavelength, known["distance"])
    return {
        "patterns": dataset.patterns.numpy(),
        "positions_px": interactions.translations_to_pixel(basis, dataset.translations).numpy(),
        "good": dataset.mask.numpy(),
        "wavelength_m": dataset.wavelength,
        "flat": dataset.qe_mask.numpy(),
        "dark": dataset.background.numpy(),
        "monitor": dataset.intensities.numpy(),
    }


def nexusformat(path):
    from nexusformat.nexus import nxload

    entry = nxload(path)["entry_1"]
    detector, data = entry["instrument_1/detector_1"], entry["data"]
    return {
        "patterns": data.nxsignal.nxvalue,
        "positions_m": np.stack([data["y"].nxvalue, data["x"].nxvalue], axis=1),
        "classes": [type(entry).__name__, type(detector).__name__, type(data).__name__],
        "axis": data.nxaxes[0].nxname,
        "distance_m": detector["distance"].nxvalue,
        "units": detector["distance"].units,
    }


def ome_types(path):
    from ome_types import from_tiff

    pixels = from_tiff(path).images[0].pixels
    return {
        "channels": [channel.name for channel in pixels.channels],
        "pixel_size_um": (pixels.physical_size_y, pixels.physical_size_x),
        "unit": str(pixels.physical_size_x_unit.value),
        "type": pixels.type.value,
    }


def write_cdtools(path):
    """Write what is in path (an npz) as CXI beside it."""
    import torch
    from cdtools.datasets import Ptycho2DDataset

    with np.load(path) as given:
        y, x = given["detector_pixel_m"]
        geometry = {
            "distance": given["distance_m"],
            "basis": np.array([[0, -x], [-y, 0], [0, 0]]),
            "corner": None,
        }
        probe_at = np.column_stack(
            [-given["positions_m"][:, 1], -given["positions_m"][:, 0], np.zeros(len(given["patterns"]))]
        )
        dataset = Ptycho2DDataset(
            torch.as_tensor(probe_at),
            torch.as_tensor(given["patterns"]),
            wavelength=float(given["wavelength_m"]),
            detector_geometry=geometry,
            mask=torch.as_tensor(~given["bad_pixels"]),
        )
    dataset.to_cxi(path.with_suffix(".cxi"))
    return {}


def write_ptychodus(path):
    """Write the patterns in path (an npz) with each of Ptychodus' own writers."""
    from ptychodus.plugins.h5_diffraction_file import H5DiffractionFileWriter
    from ptychodus.plugins.h5_product_file import H5ProductFileIO
    from ptychodus.plugins.npz_diffraction_file import NPZDiffractionFileIO
    from ptychodus.plugins.npz_product_file import NPZProductFileIO

    patterns = NPZDiffractionFileIO().read(path)
    product = NPZProductFileIO().read(path.with_name(path.name.replace("_dp", "_para")))
    folder = path.parent / "theirs"
    folder.mkdir()
    NPZDiffractionFileIO().write(folder / "y_dp.npz", patterns)
    NPZProductFileIO().write(folder / "y_para.npz", product)
    H5DiffractionFileWriter(data_path="/dp").write(folder / "y_dp.h5", patterns)
    H5ProductFileIO().write(folder / "y_para.h5", product)
    return {}


PACKAGES = {
    "write_cdtools": "cdtools-py",
    "cdtools": "cdtools-py",
    "nexusformat": "nexusformat",
    "ome_types": "ome-types",
}

if __name__ == "__main__":
    reader, file, out = sys.argv[1:]
    try:
        print(importlib.metadata.version(PACKAGES.get(reader, "ptychodus")))
    except importlib.metadata.PackageNotFoundError:
        sys.exit(3)
    np.savez(out, allow_pickle=False, **globals()[reader](Path(file)))
