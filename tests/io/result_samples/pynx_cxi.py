from pathlib import Path

import h5py
import numpy as np
from samples.letter import DISTANCE_M, PIXEL_M, WAVELENGTH_M, letter


def write(folder: Path) -> Path:
    """Two entries, of which the last counts; object and probe upside down, coordinates in nm and µm."""
    truth, path = letter(), folder / "ResultsScan0001.cxi"
    with h5py.File(path, "w") as file:
        file.attrs["creator"] = "PyNX"
        file["cxi_version"] = 150
        write_entry(file.create_group("entry_1"), np.ones_like(truth.image), truth.probe, truth.centres)
        write_entry(file.create_group("entry_2"), truth.image, truth.probe, truth.centres)
        file["entry_last"] = h5py.SoftLink("/entry_2")
    return path


def write_entry(entry: h5py.Group, image: np.ndarray, probe: np.ndarray, centres: np.ndarray) -> None:
    """Write one state of a reconstruction."""
    result = entry.create_group("result_1")
    layer = result.create_dataset("Object-layer00", data=image[::-1].astype("c8"), chunks=True)
    layout = h5py.VirtualLayout((1, *image.shape), layer.dtype)
    layout[0] = h5py.VirtualSource(".", layer.name, layer.shape, layer.dtype)
    result.create_virtual_dataset("data", layout)
    result["x_pixel_size"] = result["y_pixel_size"] = PIXEL_M
    rows, cols = (np.arange(length) * PIXEL_M for length in image.shape)
    result["row_coords"], result["col_coords"] = rows[::-1] * 1e9, cols * 1e6
    result["row_coords"].attrs["units"], result["col_coords"].attrs["units"] = "nm", "µm"
    mask = np.full(image.shape, 0x1000)
    mask[-1] = 0  # the first row as PyNX has it
    result["mask"] = mask
    entry["object"] = h5py.SoftLink(f"{entry.name}/result_1")
    entry["result_2/data"] = probe[None, ::-1].astype("c8")
    y, x = centres.T * PIXEL_M
    entry["result_5/data"] = np.stack([x, y, 0 * x, 0 * y]).astype("f4")
    entry["data_1/data"] = h5py.SoftLink(f"{entry.name}/result_1/data")
    entry["instrument_1/beam_1/incident_wavelength"] = WAVELENGTH_M
    entry["instrument_1/source_1/energy"] = 1.0
    entry["instrument_1/detector_1/distance"] = DISTANCE_M
