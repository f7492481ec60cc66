"""Scans of any length that take no disk: frames that were never written are holes in the file.

Those that are looked at when a scan is opened are there, so that what is found is found as in a real scan.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import h5py
import numpy as np
from samples.letter import ENERGY_EV, WAVELENGTH_M

from ptygui.core.find import SAMPLES
from ptygui.core.scan import spread_indices

PIXEL_M, DETECTOR_PIXEL_M = 1e-8, 75e-6
STEP_PX = 3
FILES = 8
"""That an Eiger's master leads to."""


def frame(side: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Return a disk of counts around the centre."""
    y, x = np.mgrid[:side, :side] - side // 2
    return np.asarray(1_000 * np.exp(-(y**2 + x**2) / (side / 8) ** 2), np.uint16)


def places_m(n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a square raster, (n, 2) (y, x) in metres."""
    lines = int(np.ceil(np.sqrt(n)))
    return np.stack(np.divmod(np.arange(n), lines), axis=1) * STEP_PX * PIXEL_M


def distance_m(side: int) -> float:
    """Return the distance at which an object pixel is PIXEL_M."""
    return PIXEL_M * side * DETECTOR_PIXEL_M / WAVELENGTH_M


def put_frames(file: h5py.File, key: str, n: int, side: int) -> None:
    """Declare all frames, and write those that are looked at."""
    frames = file.create_dataset(key, (n, side, side), np.uint16, chunks=(1, side, side))
    for index in spread_indices(n, SAMPLES):
        frames[index] = frame(side)


def pair(folder: Path, n: int, side: int) -> Path:
    """Ptychodus' _dp and _para."""
    with h5py.File(folder / "long_dp.hdf5", "w") as file:
        put_frames(file, "dp", n, side)
    with h5py.File(folder / "long_para.hdf5", "w") as file:
        file["probe_position_y_m"], file["probe_position_x_m"] = places_m(n).T
        file["object"] = np.ones((1, 8, 8), np.complex64)
        file["object"].attrs["pixel_height_m"] = file["object"].attrs["pixel_width_m"] = PIXEL_M
    return folder / "long_dp.hdf5"


def cxi(folder: Path, n: int, side: int) -> Path:
    """CXI, what the sample did in metres."""
    detector = "entry_1/instrument_1/detector_1"
    with h5py.File(folder / "long.cxi", "w") as file:
        file["cxi_version"] = 160
        file["entry_1/instrument_1/source_1/energy"] = ENERGY_EV * 1.602176634e-19
        put_frames(file, f"{detector}/data", n, side)
        file[f"{detector}/distance"] = distance_m(side)
        file[f"{detector}/x_pixel_size"] = file[f"{detector}/y_pixel_size"] = DETECTOR_PIXEL_M
        places = np.concatenate([places_m(n)[:, ::-1], np.zeros((n, 1))], axis=1)
        file["entry_1/sample_1/geometry_1/translation"] = places
    return folder / "long.cxi"


def mapped(folder: Path, n: int, side: int) -> Path:
    """APS 9-ID CSSI, which a preset knows; the geometry must be told."""
    with h5py.File(folder / "long.h5", "w") as file:
        put_frames(file, "exchange/data", n, side)
        file["exchange/motor_pos"] = places_m(n)[:, ::-1] * 1e3
    return folder / "long.h5"


def eiger(folder: Path, n: int, side: int) -> Path:
    """A master that leads to several files, with the positions of a Velociprobe in nanometres."""
    detector = "entry/instrument/detector"
    with h5py.File(folder / "fly001_master.h5", "w") as file:
        for part, count in enumerate(map(len, np.array_split(np.arange(n), FILES))):
            name = f"fly001_data_{part + 1:06d}.h5"
            with h5py.File(folder / name, "w") as data:
                put_frames(data, "entry/data/data", count, side)
            file[f"entry/data/data_{part + 1:06d}"] = h5py.ExternalLink(name, "/entry/data/data")
        file[f"{detector}/beam_center_y"] = file[f"{detector}/beam_center_x"] = float(side // 2)
        file[f"{detector}/detector_distance"] = distance_m(side)
        file[f"{detector}/x_pixel_size"] = file[f"{detector}/y_pixel_size"] = DETECTOR_PIXEL_M
        file[f"{detector}/detectorSpecific/photon_energy"] = ENERGY_EV
    rows = (f"9,{x:.0f},{y:.0f},0,0,{-y:.0f},3,{i}\n" * 2 for i, (y, x) in enumerate(places_m(n) * 1e9))
    (folder / "fly001_pos.csv").write_text("".join(rows))
    return folder / "fly001_master.h5"


def npz(folder: Path, n: int, side: int) -> Path:
    """Tike's archive, whose member of patterns is a hole in the file."""
    path = folder / "long.npz"
    descr = {"descr": "<u2", "fortran_order": False, "shape": (n, side, side)}
    with path.open("wb") as file:
        info = zipfile.ZipInfo("data.npy")
        info.CRC = 0
        start = len(info.FileHeader(zip64=True))
        file.seek(start)
        np.lib.format.write_array_header_1_0(cast("BinaryIO", file), descr)
        first, size = file.tell(), 2 * side * side
        for index in spread_indices(n, SAMPLES):
            file.seek(first + int(index) * size)
            file.write(frame(side).tobytes())
        end = first + n * size
        info.file_size = info.compress_size = end - start
        file.seek(0)
        file.write(info.FileHeader(zip64=True))
        file.seek(end)
        with zipfile.ZipFile(file, "w") as archive:
            with archive.open("scan.npy", "w") as member:
                np.lib.format.write_array(member, (places_m(n) / PIXEL_M).astype("f4"))
            info.header_offset = 0
            archive.filelist.append(info)
    return path


FORMATS: dict[str, Callable[[Path, int, int], Path]] = {
    "npz": npz,
    "pair": pair,
    "cxi": cxi,
    "mapped": mapped,
    "eiger": eiger,
}
"""By name: write(folder, patterns, side) returns the path to open."""
