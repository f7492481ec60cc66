"""What a file does not say, found by looking at a few of its patterns and at its positions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ptygui.core.geometry import guess_dc, guess_quantity, object_pixel_m
from ptygui.core.preprocess import fill_bad_pixels, find_bad_pixels, find_centre
from ptygui.core.raw import RawScan
from ptygui.core.reading import METRES, Reading, StoredUnit
from ptygui.core.scan import Guess, spread_indices

SAMPLES = 16
SAMPLE_BYTES = 128 << 20
"""Fewer patterns are looked at where they are large; one always."""
OFF_CENTRE = 0.06
"""Share of the frame that the beam's centre must be off the middle to count as 'somewhere'."""
MORE_AROUND = 1.25
"""How much more of the counts must lie around another place than around the middle."""
LEAST_STEP_PX = 0.3
"""Neighbouring probes are further apart; the farthest that makes sense is the width of the frame."""
LEAST_EXTENT_PX, MOST_EXTENT_PX = 4, 100_000
_UNITS: tuple[StoredUnit, ...] = ("m", "um", "px", "nm", "mm")
"""In the order in which they are believed."""


@dataclass(frozen=True)
class Found:
    """What looking told: the values, the evidence for each, and the pixels that are bad everywhere."""

    reading: Reading
    guesses: tuple[Guess, ...]
    bad_pixels: NDArray[np.bool_] | None
    """(H, W) as the frames lie; None: none were found."""


_WORDS = ("quantity", "zero_frequency", "position_unit")
"""The fields of a reading whose values are words, so that a guess can hold them."""


def sample_frames(raw: RawScan) -> NDArray[np.float32]:
    """Read a few frames, spread over the scan, (<= SAMPLES, H, W) as they are stored."""
    n, height, width = raw.frames.shape
    fit = max(1, SAMPLE_BYTES // (4 * height * width))
    return raw.frames.read(spread_indices(n, min(SAMPLES, fit)))


def find(raw: RawScan, known: Reading) -> Found:
    """Find what `known` leaves open; a guess of the reader's own stands before the general statistics.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    sample = sample_frames(raw)
    bad = find_bad_pixels(sample)
    clean = sample if bad.all() or not bad.any() else fill_bad_pixels(sample, bad)
    open_fields = [name for name in _WORDS if getattr(known, name) is None]
    guesses = [guess for guess in raw.guesses if guess.field in open_fields or guess.field not in _WORDS]
    answered = {guess.field for guess in guesses}
    for name, look in (("quantity", _quantity), ("zero_frequency", _zero_frequency)):
        if name in open_fields and name not in answered:
            guesses.append(look(clean))
    if "position_unit" in open_fields and "position_unit" not in answered:
        guesses.append(_unit(raw, known))
    reading = _reading(guesses)
    if known.over(reading).zero_frequency == "detector" and known.centre_px is None:
        centre, guess = _centre(clean)
        guesses.append(guess)
        reading = msgspec.structs.replace(reading, centre_px=centre)
    return Found(reading, tuple(guesses), bad if bad.any() and not bad.all() else None)


def _reading(guesses: list[Guess]) -> Reading:
    return msgspec.convert({guess.field: guess.value for guess in guesses if guess.field in _WORDS}, Reading)


def _quantity(sample: NDArray[np.float32]) -> Guess:
    return replace(guess_quantity(sample), field="quantity")


def _zero_frequency(sample: NDArray[np.float32]) -> Guess:
    """Corner or centre by where the counts are; 'detector' where the beam is off the middle."""
    guess = replace(guess_dc(sample), field="zero_frequency")
    if guess.value == "corner":
        return guess
    shape, centre = sample.shape[1:], find_centre(sample)
    middle = (shape[0] // 2, shape[1] // 2)
    off = max(abs(at - m) / length for at, m, length in zip(centre, middle, shape, strict=True))
    around, in_middle = (_share_around(sample, place) for place in (centre, middle))
    if off <= OFF_CENTRE or around < MORE_AROUND * in_middle:
        return guess
    why = (
        f"{around:.0%} of the counts lie around row {centre[0]}, column {centre[1]}, {in_middle:.0%} around "
        "the middle: frames as the detector stood."
    )
    return replace(guess, value="detector", why=why)


def _share_around(sample: NDArray[np.float32], place: tuple[int, int]) -> float:
    """Return the share of the counts in a quarter of the frame around a place."""
    mean = np.maximum(np.nan_to_num(sample.mean(axis=0, dtype=np.float64)), 0)
    half = [max(length // 4, 1) for length in mean.shape]
    box = tuple(slice(max(at - h, 0), at + h) for at, h in zip(place, half, strict=True))
    return float(mean[box].sum() / (mean.sum() or 1.0))


def _centre(sample: NDArray[np.float32]) -> tuple[tuple[int, int], Guess]:
    centre = find_centre(sample)
    why = f"The centre of what is bright in {len(sample)} patterns."
    return centre, Guess("beam centre", f"row {centre[0]}, column {centre[1]}", why, "centre_px")


def _unit(raw: RawScan, known: Reading) -> Guess:
    """Choose the first unit in which the positions make sense for the geometry."""
    sensible = [unit for unit in _UNITS if _is_sensible(raw, known, unit)]
    words = "step and extent of the scan make sense for this geometry"
    if not sensible:
        value = "px" if _pixel(raw, known) is None else "m"
        return Guess("unit of positions", value, "No unit makes sense: tell it.", "position_unit", 0.0)
    why = f"In {_WORD[sensible[0]]} {words}; in {', '.join(_WORD[u] for u in sensible[1:]) or 'others'} "
    why += "too, less likely." if len(sensible) > 1 else "they do not."
    return Guess("unit of positions", sensible[0], why, "position_unit", 1 / len(sensible))


_WORD: dict[StoredUnit, str] = {
    "m": "metres", "mm": "millimetres", "um": "micrometres", "nm": "nanometres", "px": "object pixels",
}  # fmt: skip


def _is_sensible(raw: RawScan, known: Reading, unit: StoredUnit) -> bool:
    pixel = _pixel(raw, known)
    if raw.positions is None or len(raw.positions) < 2 or (unit != "px" and pixel is None):
        return unit == "px" and pixel is None
    with np.errstate(all="ignore"):
        size_px = 1.0 if unit == "px" or pixel is None else METRES[unit] / pixel
        positions = raw.positions * size_px
        extent = float(np.ptp(positions, axis=0).max())
        if not LEAST_EXTENT_PX <= extent <= MOST_EXTENT_PX:
            return False
        step = float(np.median(np.asarray(KDTree(positions).query(positions, k=2)[0])[:, 1]))
    return LEAST_STEP_PX <= step <= max(raw.frames.shape[1:])


def _pixel(raw: RawScan, known: Reading) -> float | None:
    """Return the object pixel of whole frames, if the geometry is known: its order of size decides."""
    if known.energy_ev and known.distance_m and known.detector_pixel_m:
        shape = raw.frames.shape[1:]
        return min(object_pixel_m(known.energy_ev, known.distance_m, known.detector_pixel_m, shape))
    return min(known.pixel_size_m) if known.pixel_size_m else None
