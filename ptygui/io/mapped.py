"""Read a scan from an HDF5 file by a mapping that says where things are."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Axis, FramesPlace, Mapping, Place, Value, parse_part
from ptygui.core.raw import RawScan
from ptygui.core.reading import METRES, Reading, StoredUnit
from ptygui.core.scan import PatternSource
from ptygui.io import hdf5
from ptygui.io.mapped_frames import MappedStack, join_stacks, open_mapped_stack
from ptygui.io.mapped_places import find_files, find_keys, read_arrays, read_value
from ptygui.io.units import ENERGIES, LENGTHS, PIXELS, energy_of_wavelength

Array = NDArray[np.float64]


class _Frames(NamedTuple):
    """The patterns, and one of their stacks to tell what piece of the stored frames is used."""

    source: PatternSource
    first: MappedStack


def read_mapped(path: Path, mapping: Mapping) -> RawScan:
    """Read what a file holds, as it holds it; patterns are not read.

    Units that the file tells (`units`) and multipliers are applied to energy, lengths and positions.

    Raises
    ------
    ScanError
        In one sentence: file, key, what was expected, what to do.
    """
    notes = list(mapping.notes)
    frames, said = _frames(path, mapping.patterns)
    notes += said
    stated = _stated(path, mapping, frames.first, notes)
    positions, unit = _positions(path, mapping, frames.source.shape[0])
    if unit is not None and stated.position_unit is None:
        stated = msgspec.structs.replace(stated, position_unit=unit)
    bad = None if mapping.mask is None else mapping.mask.bad
    return RawScan(
        name=path.stem,
        path=str(path),
        format=mapping.name,
        frames=frames.source,
        positions=positions,
        stated=stated,
        bad_pixels=_image(path, mapping.mask, frames.first, "mask", notes, lambda v: _bad(v, bad)),
        dark=_image(path, mapping.dark, frames.first, "dark frame", notes, _mean),
        flat=_image(path, mapping.flat, frames.first, "flat field", notes, _mean),
        monitor=_monitor(path, mapping.monitor, notes),
        notes=tuple(notes),
        companions=tuple(str(each) for each in _position_files(path, mapping)),
    )


def _position_files(path: Path, mapping: Mapping) -> list[Path]:
    axes = (axis for axis in (mapping.y, mapping.x) if axis is not None and axis.file)
    return [each for axis in axes for each in find_files(path, axis.file)]


# Patterns.


def _frames(path: Path, place: FramesPlace) -> tuple[_Frames, list[str]]:
    """Open all datasets of the patterns; the last ones may be missing still, which is told.

    One before others must be there: what follows would be taken for frames of other positions.
    """
    if not any(place.keys):
        raise ScanError(f"{path.name}: nobody said where the patterns are: choose a dataset for them.")
    part = parse_part(place.part, path.name)
    stacks: list[MappedStack] = []
    faults: list[ScanError] = []
    for each in find_files(path, place.file):
        with hdf5.open_hdf5(each) as file:
            for key in find_keys(file, place, "patterns"):
                try:
                    stacks.append(open_mapped_stack(file, key, part, frames_last=place.frames_last))
                except ScanError as error:
                    faults.append(error)
                    continue
                if faults:
                    raise faults[0]
    if not stacks:
        raise faults[0]
    notes = [f"{len(faults)} data sets were left out: {faults[0]}"] if faults else []
    return _Frames(join_stacks(stacks, path.name), stacks[0]), notes


# Positions.


def _positions(path: Path, mapping: Mapping, n: int) -> tuple[Array | None, StoredUnit | None]:
    """Return positions (n, 2) (y, x) and their unit, if it is known."""
    if mapping.x is None or mapping.y is None:
        return None, None
    wanted = mapping.reading.position_unit
    (y, unit_y), (x, unit_x) = (
        _axis(path, axis, f"positions {name}") for axis, name in ((mapping.y, "y"), (mapping.x, "x"))
    )
    y, x = _paired(y, x, n, mapping)
    scaled = mapping.y.multiplier is not None or mapping.x.multiplier is not None
    unit = wanted or ("m" if scaled else _common(unit_y, unit_x))
    axes = ((y, unit_y, mapping.y), (x, unit_x, mapping.x))
    return np.stack([_scaled(values, told, axis, unit) for values, told, axis in axes], axis=-1), unit


def _axis(path: Path, axis: Axis, what: str) -> tuple[Array, str]:
    arrays, unit = read_arrays(path, axis, what)
    if any(values.dtype.kind not in "buif" for values in arrays):
        raise ScanError(f"{path.name}, key {' or '.join(axis.keys)}, must be {what}: real numbers.")
    return np.concatenate([values.reshape(-1) for values in arrays]).astype(np.float64), unit


def _common(unit_y: str, unit_x: str) -> StoredUnit | None:
    """Return the unit for positions whose own units are told, None if they are not."""
    if unit_y in PIXELS and unit_x in PIXELS and unit_x:
        return "px"
    lengths = {LENGTHS.get(unit) for unit in (unit_y, unit_x)}
    if None in lengths:
        return None
    return next((unit for unit, length in METRES.items() if lengths == {length}), "m")


def _scaled(values: Array, told: str, axis: Axis, unit: StoredUnit | None) -> Array:
    """Bring one axis to the common unit: by its multiplier, else by the unit that is told of it."""
    factor = axis.multiplier
    if factor is None:
        factor = LENGTHS[told] / METRES[unit] if told in LENGTHS and unit in METRES else 1.0
    return values * factor + axis.offset


def _paired(y: Array, x: Array, n: int, mapping: Mapping) -> tuple[Array, Array]:
    """Return y and x of each pattern, from those of each or from the two axes of a raster."""
    is_raster = len(y) * len(x) == n != len(x)
    if mapping.raster is None and len(y) == len(x) and not is_raster:
        return y, x
    if mapping.raster is None and not is_raster:
        raise ScanError(
            f"There are {len(y):,} positions y and {len(x):,} positions x for {n:,} patterns: they must be "
            "as many as the patterns, or the two axes of a raster; choose other keys or a part of them."
        )
    if mapping.raster == "x slow":
        slow, fast = np.meshgrid(x, y, indexing="ij")
        return fast.reshape(-1), slow.reshape(-1)
    slow, fast = np.meshgrid(y, x, indexing="ij")
    return slow.reshape(-1), fast.reshape(-1)


# Numbers.


def _stated(path: Path, mapping: Mapping, frames: MappedStack, notes: list[str]) -> Reading:
    """Return what the mapping says of the conventions, and the geometry that the file tells."""

    def number(value: Value | None, what: str, units: dict[str, float]) -> float | None:
        return _number(path, value, what, units, notes)

    energy = number(mapping.energy, "photon energy", ENERGIES)
    if energy is None:
        energy = energy_of_wavelength(number(mapping.wavelength, "wavelength", LENGTHS))
    pixel_y = number(mapping.detector_pixel_y, "detector pixel", LENGTHS)
    pixel_x = number(mapping.detector_pixel_x, "detector pixel", LENGTHS)
    pixel_y, pixel_x = pixel_y or pixel_x, pixel_x or pixel_y
    size = number(mapping.object_pixel, "object pixel", LENGTHS)
    centre = _centre(path, mapping, frames, notes)
    told = Reading(
        energy_ev=energy,
        distance_m=number(mapping.distance, "distance to the detector", LENGTHS),
        detector_pixel_m=None if pixel_y is None or pixel_x is None else (pixel_y, pixel_x),
        pixel_size_m=None if size is None else (size, size),
        centre_px=centre,
        zero_frequency=None if centre is None else "detector",
    )
    return mapping.reading.over(told)


def _number(
    path: Path, value: Value | None, what: str, units: dict[str, float], notes: list[str]
) -> float | None:
    """Return a positive number in its base unit; if there is none, say so and go on without."""
    if value is None:
        return None
    found, said = read_value(path, value, what, units)
    if said:
        notes.append(said)
    if found is None:
        return None
    if not math.isfinite(found) or found == 0:
        notes.append(f"The {what} in {path.name} is {found:g}, so it counts as not told.")
        return None
    return abs(found)  # distances are negative where the detector stands upstream in the lab's axes


def _centre(path: Path, mapping: Mapping, frames: MappedStack, notes: list[str]) -> tuple[int, int] | None:
    """Return (row, col) of the beam in the piece of the frames that is used."""
    starts = (frames.rows.start, frames.cols.start)
    found = [
        _number(path, value, "beam centre", PIXELS, notes)
        for value in (mapping.centre_row, mapping.centre_col)
    ]
    if None in found:
        return None
    row, col = (round(cast("float", at)) - start for at, start in zip(found, starts, strict=True))
    return row, col


# What belongs to the frames.


def _image(
    path: Path,
    place: Place | None,
    frames: MappedStack,
    what: str,
    notes: list[str],
    reduce: Callable[[NDArray[Any]], NDArray[Any]],
) -> NDArray[Any] | None:
    """Return an image of the frames' size, or of its piece that is used; if it is absent, say so."""
    if place is None:
        return None
    try:
        values = read_arrays(path, place, what)[0][0]
    except ScanError as error:
        notes.append(f"The {what} was left out: {error}")
        return None
    while values.ndim > 2 and values.shape[0] == 1:
        values = values[0]
    if values.shape[-2:] == frames.stored:
        values = values[..., frames.rows, frames.cols]
    if values.ndim < 2 or values.shape[-2:] != frames.shape[1:]:
        raise ScanError(
            f"{path.name}, key {' or '.join(place.keys)}, must be the {what}, {frames.stored[0]} × "
            f"{frames.stored[1]} like the patterns, not of shape {values.shape}: choose another key or part."
        )
    return reduce(values)


def _bad(values: NDArray[Any], bad: str | None) -> NDArray[np.bool_]:
    marked = values == 0 if bad == "zero" else values != 0
    return np.asarray(marked.reshape(-1, *marked.shape[-2:]).any(axis=0), np.bool_)


def _mean(values: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(values.reshape(-1, *values.shape[-2:]).mean(axis=0, dtype=np.float64), np.float32)


def _monitor(path: Path, place: Place | None, notes: list[str]) -> Array | None:
    if place is None:
        return None
    try:
        arrays, _ = read_arrays(path, place, "monitor")
    except ScanError as error:
        notes.append(f"The monitor was left out: {error}")
        return None
    return np.concatenate([values.reshape(-1) for values in arrays]).astype(np.float64)
