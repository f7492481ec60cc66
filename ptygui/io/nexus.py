"""Scans in NeXus files: what the readers of its dialects have in common."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.cxi import is_bad, translation_yx
from ptygui.io.hdf5_facts import Facts, Keys
from ptygui.io.raster import open_frames
from ptygui.io.raw_stack import beyond_single
from ptygui.io.units import ENERGIES, LENGTHS, PIXELS, energy_of_wavelength, stored_unit

PTYCHO = ("NXptycho", "NXcxi_ptycho")
DETECTOR = "entry_1/instrument_1/detector_1"
BEAM = "entry_1/instrument_1/beam_1"
ENERGY_KEYS = tuple(f"{BEAM}/{key}" for key in ("energy", "incident_beam_energy", "incident_energy"))
WAVELENGTH_KEYS = (f"{BEAM}/incident_wavelength", f"{BEAM}/wavelength")
MASK_KEYS = (f"{DETECTOR}/pixel_mask", f"{DETECTOR}/mask")
MONITOR_KEYS = tuple(
    f"entry_1/{key}/data" for key in ("instrument_1/monitor", "instrument_1/monitor_1", "monitor")
)


_ROUNDING_PX = 1e-6
"""What a length divided by a pixel may be off."""


@dataclass(frozen=True)
class Layout:
    """Where a dialect has what."""

    data: Keys
    """(n, H, W) or a raster (rows, columns, H, W)."""
    translation: Keys
    """(n, 3) x, y, z; tried before the motors."""
    motors: tuple[tuple[str, str], ...]
    """Pairs of y and x: for each pattern, or the two axes of a raster."""
    energy_unit: str
    """Where the file tells none; empty if it must."""


def definition_of(file: h5py.File) -> str:
    """Return the application definition of the entry, if it is one of ptychography; empty if not."""
    told = Facts(file).text("entry_1/definition")
    return told if told in PTYCHO else ""


def read_nexus(path: Path, layout: Layout, file_format: str) -> RawScan:
    """Read a scan; units are honoured wherever the file tells them.

    Raises
    ------
    ScanError
        If there are no patterns, or positions of another kind than the layout says.
    """
    with hdf5.open_hdf5(path) as file:
        facts = Facts(file)
        frames = open_frames(file, facts.key(layout.data) or layout.data[0])
        n, shape = frames.shape[0], frames.shape[1:]
        pixel = _detector_pixel_m(facts)
        stated = _centre(facts, shape, pixel).over(_reading(facts, layout, pixel))
        positions, stated = _positions(facts, layout, frames.shape[0], stated)
        return RawScan(
            name=path.stem,
            path=str(path),
            format=file_format,
            frames=frames,
            positions=positions,
            stated=stated,
            bad_pixels=facts.mask(MASK_KEYS, shape, is_bad),
            dark=facts.image((f"{DETECTOR}/darkfield",), shape, "dark frame"),
            flat=facts.image((f"{DETECTOR}/flatfield",), shape, "flat field"),
            monitor=facts.column(MONITOR_KEYS, n, "monitor"),
            notes=tuple(facts.notes),
        )


def _reading(facts: Facts, layout: Layout, pixel: tuple[float, float] | None) -> Reading:
    energy = facts.quantity(ENERGY_KEYS, ENERGIES, layout.energy_unit)
    return Reading(
        quantity="intensity",
        positions_orientation=0,  # of the sample, seen in the axes of the frames: io.cxi
        energy_ev=energy or energy_of_wavelength(facts.quantity(WAVELENGTH_KEYS, LENGTHS, "m")),
        distance_m=facts.quantity((f"{DETECTOR}/distance",), LENGTHS, "m"),
        detector_pixel_m=pixel,
    )


def _detector_pixel_m(facts: Facts) -> tuple[float, float] | None:
    """Return the pixel (y, x); one side stands for both."""
    height, width = (facts.quantity((f"{DETECTOR}/{axis}_pixel_size",), LENGTHS, "m") for axis in "yx")
    height, width = height or width, width or height
    return None if height is None or width is None else (height, width)


def _centre(facts: Facts, shape: tuple[int, int], pixel: tuple[float, float] | None) -> Reading:
    """Say where the beam meets the detector, if that is told and inside the frame."""
    places = []
    for axis, size in zip("yx", pixel or (None, None), strict=True):
        units = (
            dict(PIXELS) if size is None else {**PIXELS, **{name: m / size for name, m in LENGTHS.items()}}
        )
        places.append(facts.quantity((f"{DETECTOR}/beam_center_{axis}",), units, "pixel"))
    if None in places:
        return Reading()
    row, col = (_nearest(place) for place in places if place is not None)
    if (row, col) == (shape[0] // 2, shape[1] // 2):
        return Reading(zero_frequency="centre")
    if not (row < shape[0] and col < shape[1]):
        facts.notes.append(f"The beam's centre, row {row}, column {col}, lies outside the frames: left out.")
        return Reading()
    return Reading(zero_frequency="detector", centre_px=(row, col))


def _nearest(place: float) -> int:
    """Return the nearest pixel.

    NeXus does not say where pixel 0 begins. Who counts from its edge writes x.5 for the middle of pixel x:
    where two are as near the lower one counts, also after a length was divided by a pixel.
    """
    return ceil(place - 0.5 - _ROUNDING_PX)


def _positions(
    facts: Facts, layout: Layout, n: int, stated: Reading
) -> tuple[NDArray[np.float64] | None, Reading]:
    key = facts.key(layout.translation)
    if key is not None:
        positions, _ = translation_yx(facts, key, n)
        unit, factor = stored_unit(facts.unit(key, "m"))
        return positions * factor, Reading(position_unit=unit).over(stated)
    pair = next((pair for pair in layout.motors if all(hdf5.linked(facts.file, key) for key in pair)), None)
    if pair is None:
        return None, stated
    return _moved(facts, pair, n), Reading(position_unit="m").over(stated)


def _moved(facts: Facts, pair: tuple[str, str], n: int) -> NDArray[np.float64]:
    """Return the motors' sum, (m, 2) (y, x) metres: each moves along its `vector`, (1, 0, 0) is +x."""
    values = _gridded([_motor_m(facts, key) for key in pair], n)
    vectors = [_vector(facts, key, along) for key, along in zip(pair, ((0, 1), (1, 0)), strict=True)]
    with beyond_single():
        return values[0][:, None] * vectors[0][::-1] + values[1][:, None] * vectors[1][::-1]


def _motor_m(facts: Facts, key: str) -> NDArray[np.float64]:
    values = hdf5.array(facts.file, key)
    unit = facts.unit(key, "m")
    if unit not in LENGTHS or values.dtype.kind not in "iuf":
        raise ScanError(
            f"{hdf5.label(facts.file, key)} must be positions as lengths, not {values.dtype} in '{unit}'."
        )
    with beyond_single():
        return np.asarray(values.squeeze() * LENGTHS[unit], np.float64)


def _gridded(motors: list[NDArray[np.float64]], n: int) -> list[NDArray[np.float64]]:
    """Return y and x of each pattern, also where they are the axes of a raster, y slow."""
    y, x = motors
    if y.ndim == x.ndim == 1 and len(y) * len(x) == n and not len(y) == len(x) == n:
        y, x = np.repeat(y, len(x)), np.tile(x, len(y))
    if y.size != x.size:
        raise ScanError(f"There are {y.size} positions y but {x.size} positions x: each pattern needs both.")
    return [y.reshape(-1), x.reshape(-1)]


def _vector(facts: Facts, key: str, along: tuple[int, int]) -> NDArray[np.float64]:
    """Return (x, y) of the direction in which a motor moves the sample."""
    told = np.asarray(facts.file[key].attrs.get("vector", ()))
    if (
        told.shape != (3,)
        or told.dtype.kind not in "iuf"
        or not np.isfinite(told).all()
        or not told[:2].any()
    ):
        return np.array(along, np.float64)
    return np.asarray(told[:2] / np.linalg.norm(told), np.float64)
