"""From a scan as its file holds it to the canonical form, by what is chosen, stated and found."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.find import find
from ptygui.core.frame_window import Window, window_of
from ptygui.core.geometry import (
    centre_dc,
    object_pixel_m,
    orient_centred,
    orient_positions,
)
from ptygui.core.plausible import check_extent
from ptygui.core.preparation import Preparation
from ptygui.core.preprocess import Preprocessed, StackFunction, centre_and_crop, filling
from ptygui.core.probe_sampling import cropped_probe
from ptygui.core.raw import RawScan
from ptygui.core.reading import DISAGREEMENT, GEOMETRY, METRES, Reading, missing_geometry
from ptygui.core.scan import (
    Guess,
    ObjectImage,
    PatternSource,
    PositionUnit,
    ProbePositions,
    Scan,
    ScanMetadata,
    SelectedPatterns,
)

Pair = tuple[float, float]
Scalar = TypeVar("Scalar", bound=np.generic)
Number = TypeVar("Number", int, float)


def interpret(raw: RawScan, chosen: Reading = Reading()) -> Scan:
    """Bring a scan to the canonical form of core.scan; patterns are looked at, not read.

    Parameters
    ----------
    raw : RawScan
    chosen : Reading
        What the user decided; it wins over what the file states and over what is found.

    Raises
    ------
    IncompleteScanError
        If positions, their number, the energy or a length are missing; it names the fields that would help.
    ScanError
        If what is there cannot be a scan.
    """
    raw = _paired(raw, chosen)
    assert raw.positions is not None  # held by _paired
    known = chosen.over(raw.stated)
    found = find(raw, known)
    reading = known.over(found.reading)
    window = window_of(raw.frames.shape[1:], reading)
    size, notes = _pixel_size(raw.frames.shape[1:], reading, window, chosen)
    bad = _union(raw.bad_pixels, found.bad_pixels)
    place = _Place(reading, window)
    positions, unit = _positions(raw, raw.positions, reading, size, place)
    scan = Scan(
        patterns=_patterns(raw.frames, reading, found.bad_pixels, place),
        positions=ProbePositions(positions, unit),
        metadata=_metadata(raw, place, chosen, size, _open(found.guesses, chosen), notes),
        probe=_fitting_probe(raw, place),
        bad_pixels=None if bad is None else place.mask(bad),
        dark=None if raw.dark is None else place.image(raw.dark),
        flat=None if raw.flat is None else place.image(raw.flat),
        monitor=raw.monitor,
        reference_object=_reference(raw, reading, window),
    )
    return check_extent(scan)


def _patterns_words(raw: RawScan) -> str:
    number = raw.frames.shape[0]
    return "1 pattern" if number == 1 else f"{number:,} patterns"


def _paired(raw: RawScan, chosen: Reading) -> RawScan:
    """Return frames and positions in equal number, or say what can be done."""
    if raw.positions is None:
        raise IncompleteScanError(
            f"{raw.name} holds {_patterns_words(raw)} but no probe positions: choose the file with the "
            "positions.",
            ("positions_file",),
        )
    frames, places = raw.frames.shape[0], len(raw.positions)
    if 0 in (frames, places):
        raise ScanError(
            f"{raw.name} has {frames:,} patterns and {places:,} probe positions: wait for the measurement "
            "or choose another file."
        )
    if frames == places:
        return raw
    mismatch = chosen.mismatch or raw.stated.mismatch
    if mismatch != "first":
        raise IncompleteScanError(
            f"{raw.name} has {frames:,} patterns but {places:,} probe positions: each pattern needs its own "
            f"position; the first {min(frames, places):,} of both can be used if they belong together.",
            ("mismatch",),
        )
    both = min(frames, places)
    note = f"Of {frames:,} patterns and {places:,} probe positions the first {both:,} are used."
    return replace(
        raw,
        frames=raw.frames if frames == both else SelectedPatterns(raw.frames, np.arange(both)),
        positions=raw.positions[:both],
        monitor=None if raw.monitor is None or len(raw.monitor) < both else raw.monitor[:both],
        notes=(*raw.notes, note),
    )


def placed_like_frames(image: NDArray[Any], reading: Reading) -> NDArray[np.float32]:
    """Bring an image (H, W) that lies as the stored frames do to where the patterns lie.

    Parameters
    ----------
    image : (H, W)
        A mask, a dark, a flat; what lies off the frame becomes 0.
    reading : Reading
        How the scan was read (`ScanMetadata.reading`).

    Raises
    ------
    ScanError
        If the reading's centre lies outside the image.
    """
    return _Place(reading, window_of(image.shape, reading)).image(image)


def _pixel_size(
    shape: tuple[int, int], reading: Reading, window: Window | None, chosen: Reading
) -> tuple[Pair | None, tuple[str, ...]]:
    """Return the object pixel (y, x) in the axes of the stored frames, and what is to be said of it."""
    size = window.size if window else shape
    stated = reading.pixel_size_m
    if stated is not None and size != shape:
        stated = (stated[0] * shape[0] / size[0], stated[1] * shape[1] / size[1])
    geometry = reading.energy_ev, reading.distance_m, reading.detector_pixel_m
    if None in geometry:
        return stated, ()
    energy, distance, pixel = cast("tuple[float, float, Pair]", geometry)
    computed = object_pixel_m(energy, distance, pixel, size)
    if stated is None:
        return computed, ()
    if max(abs(a / b - 1) for a, b in zip(stated, computed, strict=True)) <= DISAGREEMENT:
        return stated, ()
    teller = "The file states" if chosen.pixel_size_m is None else "You told"
    words = (
        f"{teller} an object pixel of {stated[0] * 1e9:.4g} nm, but energy, distance and detector "
        f"pixel give {computed[0] * 1e9:.4g} nm: one of them must be wrong."
    )
    # What the user says of the geometry must be seen to count, unless it is the pixel size itself.
    overruled = chosen.pixel_size_m is None and any(getattr(chosen, name) for name in GEOMETRY)
    return computed if overruled else stated, (words,)


def _union(stated: NDArray[np.bool_] | None, found: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    if stated is None or found is None:
        return found if stated is None else stated
    return np.asarray(stated | found, np.bool_)


class _Place(NamedTuple):
    """Brings what lies as the stored frames do to its canonical place."""

    reading: Reading
    window: Window | None

    def steps(self, outside: float = 0.0) -> list[StackFunction]:
        """Return the functions of a stack (b, H, W)."""
        steps: list[StackFunction] = []
        if self.window is not None:
            centre, size = self.window
            steps.append(partial(centre_and_crop, centre=centre, size=size, outside=outside))
        elif self.reading.zero_frequency == "corner":
            steps.append(centre_dc)
        if self.reading.frames_orientation:
            steps.append(partial(orient_centred, code=self.reading.frames_orientation))
        return steps

    def mask(self, bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Move a mask; off the frame nothing was measured, so it is bad."""
        return np.asarray(self._moved(bad, outside=1.0) > 0)

    def image(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Move an image that belongs to the frames."""
        return self._moved(values, outside=0.0)

    def turned(self, pair: tuple[Number, Number]) -> tuple[Number, Number]:
        """Exchange what belongs to rows and columns where the frames are transposed."""
        return (pair[1], pair[0]) if (self.reading.frames_orientation or 0) & 4 else pair

    def pixel_ratio(self, shape: tuple[int, int]) -> Pair:
        """Return the object pixel (y, x) of the window by that of the whole stored frames (H, W)."""
        size = shape if self.window is None else self.window.size
        return self.turned((shape[0] / size[0], shape[1] / size[1]))

    def _moved(self, image: NDArray[Scalar], outside: float) -> NDArray[np.float32]:
        stack = image[None].astype(np.float32)
        for step in self.steps(outside):
            stack = step(stack)
        return np.asarray(stack[0], np.float32)


def _patterns(
    frames: PatternSource, reading: Reading, never_right: NDArray[np.bool_] | None, place: _Place
) -> PatternSource:
    """Fill what is never a count as it is stored, so that no sentinel is squared or summed; then move."""
    steps: list[StackFunction] = [] if never_right is None else [filling(never_right)]
    if reading.quantity == "amplitude":
        steps.append(_squared)
    steps += place.steps()
    return Preprocessed(frames, tuple(steps)) if steps else frames


def _squared(amplitudes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return intensities; what is too large for an amplitude becomes infinite, which no fit counts."""
    with np.errstate(over="ignore"):
        return np.square(amplitudes)


def _positions(
    raw: RawScan, stored: NDArray[np.float64], reading: Reading, size: Pair | None, place: _Place
) -> tuple[NDArray[np.float64], PositionUnit]:
    """Turn the positions (y, x), and convert them to metres if they are lengths.

    Pixels are those of whole frames, as `Reading.pixel_size_m`; a window of the frames has others.
    """
    turned = orient_positions(np.asarray(stored, np.float64), reading.positions_orientation or 0)
    if reading.position_unit in (None, "px"):
        return turned / np.asarray(place.pixel_ratio(raw.frames.shape[1:])), "px"
    if size is None:
        lacks, words = missing_geometry(reading)
        raise IncompleteScanError(
            f"{raw.name} gives positions as lengths but no object pixel size: "
            f"{words} must be told, or the object pixel itself.",
            (*lacks, "pixel_size_m"),
        )
    return turned * METRES[reading.position_unit], "m"


def _fitting_probe(raw: RawScan, place: _Place) -> NDArray[np.complex64] | None:
    """Return the file's probe; where only a window of the frames is used, its far field is cropped alike."""
    if raw.probe is None or place.window is None or raw.probe.shape[1:] == place.turned(place.window.size):
        return raw.probe
    return cropped_probe(raw.probe, place.turned(place.window.size))


def _reference(raw: RawScan, reading: Reading, window: Window | None) -> ObjectImage | None:
    """Return the file's object, unless the scan is read otherwise than the file states."""
    fields = ("position_unit", "pixel_size_m")
    changed = any(getattr(raw.stated, name) not in (None, getattr(reading, name)) for name in fields)
    turned = (raw.stated.positions_orientation or 0) != (reading.positions_orientation or 0)
    return None if changed or turned or window is not None else raw.reference_object


def _open(guesses: tuple[Guess, ...], chosen: Reading) -> tuple[Guess, ...]:
    """Return the guesses that still stand: what the user decided is no guess."""
    return tuple(guess for guess in guesses if not guess.field or getattr(chosen, guess.field) is None)


def _metadata(
    raw: RawScan,
    place: _Place,
    chosen: Reading,
    pixel_size: Pair | None,
    guesses: tuple[Guess, ...],
    notes: tuple[str, ...],
) -> ScanMetadata:
    reading = place.reading
    pixel = reading.detector_pixel_m
    return ScanMetadata(
        name=raw.name,
        path=raw.path,
        format=raw.format,
        energy_ev=reading.energy_ev,
        distance_m=reading.distance_m,
        detector_pixel_m=pixel and place.turned(pixel),
        pixel_size_m=pixel_size and place.turned(pixel_size),
        pixel_ratio=place.pixel_ratio(raw.frames.shape[1:]),
        preparation=Preparation(reading=chosen),
        reading=reading,
        guesses=guesses,
        notes=(*raw.notes, *notes),
        extra=raw.extra,
    )
