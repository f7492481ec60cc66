"""Masters of Eiger detectors, NXmx and areaDetector's NeXus files: frames and geometry, no positions.

Layout: NeXus definition NXmx; DECTRIS' SIMPLON file writer (`/entry/data/data_000001` and so on are external
links, more of them than files may exist); Ptychodus, velociprobe_diffraction_file.py (APS 33-ID's
Velociprobe adds the stage's rotation, `/entry/sample/goniometer/chi`, and a CSV with the positions);
areaDetector writes single frames (H, W) and leaves units out.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5, hdf5_values, quantities
from ptygui.io.hdf5_frames import LinkedFrames, numbered_keys, open_frames, open_linked_frames
from ptygui.io.positions import velociprobe
from ptygui.io.positions.apart import with_positions_beside
from ptygui.io.registry import register_reader
from ptygui.io.series import open_hdf5_series
from ptygui.io.temporary import Report, silent

DATA, DETECTOR = "entry/data", "entry/instrument/detector"
_OF_A_DETECTOR = ("beam_center_x", "detectorSpecific", "x_pixel_size", "detector_distance", "distance")
_OF_OTHERS = ("entry/instrument/eiger_4", "entry/collection/orchestra", "entry/data/eiger_4")
_WAVELENGTHS = (
    "entry/instrument/beam/incident_wavelength", "entry/sample/beam/incident_wavelength",
    "entry/instrument/monochromator/wavelength",
)  # fmt: skip
_ENERGIES = (
    f"{DETECTOR}/detectorSpecific/photon_energy", "entry/instrument/beam/incident_energy",
    "entry/instrument/monochromator/energy",
)  # fmt: skip


@register_reader
class NxmxReader:
    """Frames of an area detector with their geometry; the positions are elsewhere."""

    name: ClassVar[str] = "Eiger / NXmx master"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".nxs")
    last: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell by frames at NXmx's place beside a detector that is described, and by no positions."""
        try:
            with hdf5.open_hdf5(path) as file:
                described = any(hdf5.linked(file, f"{DETECTOR}/{key}") for key in _OF_A_DETECTOR)
                foreign = any(hdf5.linked(file, key) for key in _OF_OTHERS) or _is_ptychography(file)
                return described and not foreign and bool(_frame_keys(file))
        except (ScanError, KeyError, RuntimeError):
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; of a series of single frames all are opened. Nothing is unpacked."""
        with hdf5.open_hdf5(path) as file:
            found = _frames(file)
            reading, notes = _reading(file, found.frames.shape[1:])
            chi = quantities.angle_deg(file, "entry/sample/goniometer/chi")
            raw = RawScan(
                name=path.stem.removesuffix("_master"),
                path=str(path),
                format=self.name,
                frames=found.frames,
                positions=None,
                stated=reading,
                bad_pixels=_mask(file, found.frames.shape[1:]),
                notes=(*found.notes, *notes),
                extra={} if chi is None else {"chi_deg": chi},
            )
        return with_positions_beside(raw, _velociprobe_beside(path))


def _is_ptychography(file: h5py.File) -> bool:
    """Tell whether it calls itself NXptycho: that has positions, and a reader of its own."""
    return "ptycho" in hdf5_values.text(file, "entry/definition").lower()


def _frame_keys(file: h5py.File) -> list[str]:
    keys = numbered_keys(file, DATA, "data_")
    return keys or [key for key in (f"{DATA}/data", f"{DETECTOR}/data") if hdf5.linked(file, key)][:1]


def _frames(file: h5py.File) -> LinkedFrames:
    keys = _frame_keys(file)
    if len(keys) == 1 and not keys[0].startswith(f"{DATA}/data_"):
        frames = open_frames(file, keys[0])
        if frames.shape[0] == 1 and hdf5.dataset(file, keys[0]).ndim == 2:
            return open_hdf5_series(Path(file.filename), keys[0], frames)
        return LinkedFrames(frames)
    return open_linked_frames(file, keys)


def _reading(file: h5py.File, shape: tuple[int, int]) -> tuple[Reading, tuple[str, ...]]:
    energy = quantities.first_known(
        [
            *(quantities.energy_of_wavelength(file, key) for key in _WAVELENGTHS),
            *(quantities.energy_ev(file, key) for key in _ENERGIES),
        ]
    )
    distance = quantities.first_known(
        quantities.length_m(file, f"{DETECTOR}/{key}") for key in ("detector_distance", "distance")
    )
    pixel = [
        quantities.first_known(
            quantities.pixel_m(file, f"{DETECTOR}/{key}") for key in (f"{axis}_pixel_size", "det_pixel_size")
        )
        for axis in "yx"
    ]
    centre = _centre(file, shape, (pixel[0].value, pixel[1].value))
    reading = Reading(
        quantity="intensity",
        zero_frequency="detector" if centre else None,
        centre_px=centre,
        energy_ev=energy.value,
        distance_m=distance.value,
        detector_pixel_m=(pixel[0].value, pixel[1].value) if pixel[0].value and pixel[1].value else None,
    )
    notes = [found.note for found in (energy, distance, *pixel) if found.note]
    return reading, tuple(dict.fromkeys(notes))


def _centre(
    file: h5py.File, shape: tuple[int, int], pixel: tuple[float | None, float | None]
) -> tuple[int, int] | None:
    """Return (row, col) of the beam; None where it is not told, or 0, 0, a detector's word for that."""
    place = []
    for axis, size in zip("yx", pixel, strict=True):
        key = f"{DETECTOR}/beam_center_{axis}"
        place.append(quantities.pixels(file, key, size))
    if None in place or not any(place):
        return None
    row, col = (round(at) for at in place if at is not None)
    return (row, col) if 0 <= row < shape[0] and 0 <= col < shape[1] else None


def _mask(file: h5py.File, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return the pixels that are marked by any bit."""
    for key in (f"{DETECTOR}/pixel_mask", f"{DETECTOR}/detectorSpecific/pixel_mask"):
        if hdf5.linked(file, key):
            mask = hdf5.array(file, key)
            mask = mask[0] if mask.ndim == 3 and len(mask) else mask
            if mask.shape != shape:
                raise ScanError(f"{hdf5.label(file, key)} has the shape {mask.shape}, the frames {shape}.")
            return np.asarray(mask != 0) if mask.any() else None
    return None


def _velociprobe_beside(path: Path) -> Path | None:
    """Return Velociprobe's file of positions if there is one that bears the master's name."""
    stem = path.stem.removesuffix("_master")
    beside = [other for other in sorted(path.parent.glob("*.csv")) if other.stem.startswith(stem)]
    return beside[0] if len(beside) == 1 and velociprobe.is_one(beside[0]) else None
