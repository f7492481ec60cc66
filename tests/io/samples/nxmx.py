from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter
from samples.on_detector import CENTRE, SHAPE, counts

CHI_DEG = 60.0
SENTINEL = 2**32 - 1


def write(folder: Path) -> Path:
    """A Velociprobe scan: master with links to two files of three, and the CSV of its positions."""
    for part, frames in enumerate(np.split(counts(SENTINEL), [4])):
        with h5py.File(folder / f"fly001_data_{part + 1:06d}.h5", "w") as file:
            file.create_dataset(
                "entry/data/data", data=frames, chunks=(1, *SHAPE), **hdf5plugin.Bitshuffle(cname="lz4")
            )
    velociprobe(folder / "fly001_pos.csv")
    return master(folder / "fly001_master.h5")


def master(path: Path) -> Path:
    """DECTRIS' layout; x and y in pixels, one length in mm."""
    detector = "entry/instrument/detector"
    with h5py.File(path, "w") as file:
        for part in (1, 2, 3):
            target = f"fly001_data_{part:06d}.h5"
            file[f"entry/data/data_{part:06d}"] = h5py.ExternalLink(target, "/entry/data/data")
        file[f"{detector}/beam_center_y"], file[f"{detector}/beam_center_x"] = (at + 0.2 for at in CENTRE)
        file[f"{detector}/detector_distance"] = DISTANCE_M * 1e3
        file[f"{detector}/detector_distance"].attrs["units"] = "mm"
        for axis in "xy":
            file[f"{detector}/{axis}_pixel_size"] = DETECTOR_PIXEL_M
            file[f"{detector}/{axis}_pixel_size"].attrs["units"] = b"m"
        file[f"{detector}/detectorSpecific/photon_energy"] = ENERGY_EV
        file[f"{detector}/detectorSpecific/photon_energy"].attrs["units"] = "eV"
        mask = np.zeros(SHAPE, np.uint32)
        mask[:, 4], mask[3, 10] = 1, 8
        file[f"{detector}/detectorSpecific/pixel_mask"] = mask
        file["entry/sample/goniometer/chi"] = [CHI_DEG]
        file["entry/sample/goniometer/chi"].attrs["units"] = "degree"
    return path


def velociprobe(path: Path) -> None:
    """Three rows a trigger, in nanometres; x along the turned stage."""
    rows = []
    for trigger, (y, x) in enumerate(letter().centres * PIXEL_M * 1e9):
        along = x / np.cos(np.radians(CHI_DEG))
        rows += [f"9,{along + d:.0f},{y - d:.0f},0,0,{-y:.0f},3,{trigger}" for d in (-4, 0, 4)]
    path.write_text("\n".join(rows) + "\n")
