from pathlib import Path

import h5py
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter

CUTS = {"0": slice(0, 2), "2": slice(2, 3), "10": slice(3, 7)}


def put(group: h5py.Group, key: str, value: object) -> None:
    """Write a value as ptypy does; None is an array of one zero."""
    group[key] = np.zeros(1) if value is None else value
    kind = {type(None): "None", str: "string", float: "scalar"}.get(type(value), "array")
    group[key].attrs["type"] = kind


def write(folder: Path) -> Path:
    """Three chunks, their numbers not in the order of their names; the last one in a file of its own."""
    path = folder / "moon.ptyd"
    with h5py.File(path, "w") as file, h5py.File(folder / "moon.ptyd.part002", "w") as part:
        for name, cut in CUTS.items():
            write_chunk((part if name == "10" else file).create_group(f"chunks/{name}"), cut)
        file["chunks/10"] = h5py.ExternalLink("moon.ptyd.part002", "/chunks/10")
        meta = file.create_group("meta")
        put(meta, "energy", ENERGY_EV / 1e3)
        put(meta, "distance", DISTANCE_M)
        put(meta, "psize", DETECTOR_PIXEL_M)
        put(meta, "center", np.array([8.0, 8.0]))
        put(meta, "label", None)
        put(meta, "version", "0.1")
        put(file.create_group("info"), "positions_scan", letter().centres * PIXEL_M)
    return path


def write_chunk(group: h5py.Group, cut: slice) -> None:
    """Write some of the patterns; the pixel [0, 1] never counts, [0, 2] not always."""
    truth = letter()
    frames = truth.intensities[cut]
    weights = np.ones(frames.shape, bool)
    weights[:, 0, 1], weights[0, 0, 2] = False, False
    put(group, "data", frames)
    put(group, "positions", truth.centres[cut] * PIXEL_M)
    put(group, "indices", np.arange(7)[cut])
    put(group, "weights", weights)
