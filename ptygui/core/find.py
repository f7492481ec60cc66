"""What a file does not say, found by looking at a few of its patterns and at its positions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ptygui.core.errors import IncompleteScanError
from ptygui.core.geometry import centre_dc, guess_dc, guess_quantity, object_pixel_m
from ptygui.core.preprocess import fill_bad_pixels, find_bad_pixels, find_centre
from ptygui.core.raw import RawScan
from ptygui.core.reading import GEOMETRY, METRES, Reading, StoredUnit
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
    IncompleteScanError
        If the positions make sense in no unit.
    ScanError
        If patterns cannot be read.
    """
    sample = sample_frames(raw)
    bad = find_bad_pixels(sample)
    clean = _clean(sample, bad if raw.bad_pixels is None else bad | raw.bad_pixels)
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


def _clean(sample: NDArray[np.float32], bad: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return patterns in which nothing counts that was not measured: bad pixels are filled."""
    filled = sample if bad.all() or not bad.any() else fill_bad_pixels(sample, bad)
    return np.where(np.isfinite(filled), filled, np.float32(0))


def _reading(guesses: list[Guess]) -> Reading:
    return msgspec.convert({guess.field: guess.value for guess in guesses if guess.field in _WORDS}, Reading)


def _quantity(sample: NDArray[np.float32]) -> Guess:
    return replace(guess_quantity(sample), field="quantity")


def _zero_frequency(sample: NDArray[np.float32]) -> Guess:
    """Corner or centre by where the counts are; 'detector' where the beam is off both."""
    guess = replace(guess_dc(sample), field="zero_frequency")
    if not _beam(centre_dc(sample) if guess.value == "corner" else sample).is_off:
        return guess
    beam = _beam(sample)
    why = (
        f"{beam.around:.0%} of the counts lie around row {beam.centre[0]}, column {beam.centre[1]}, "
        f"{beam.in_middle:.0%} around the middle: frames as the detector stood."
    )
    return replace(guess, value="detector", why=why)


class _Beam(NamedTuple):
    """Where the beam meets the frames: (row, col), and the shares of the counts there and in the middle."""

    centre: tuple[int, int]
    around: float
    in_middle: float
    is_off: bool
    """It is clearly not in the middle."""


def _beam(sample: NDArray[np.float32]) -> _Beam:
    shape, centre = sample.shape[1:], find_centre(sample)
    middle = (shape[0] // 2, shape[1] // 2)
    off = max(abs(at - m) / length for at, m, length in zip(centre, middle, shape, strict=True))
    around, in_middle = (_share_around(sample, place) for place in (centre, middle))
    return _Beam(centre, around, in_middle, off > OFF_CENTRE and around >= MORE_AROUND * in_middle)


def _share_around(sample: NDArray[np.float32], place: tuple[int, int]) -> float:
    """Return the share of the counts in a quarter of the frame around a place."""
    mean = np.maximum(sample.mean(axis=0, dtype=np.float64), 0)
    half = [max(length // 4, 1) for length in mean.shape]
    box = tuple(slice(max(at - h, 0), at + h) for at, h in zip(place, half, strict=True))
    return float(mean[box].sum() / (mean.sum() or 1.0))


def _centre(sample: NDArray[np.float32]) -> tuple[tuple[int, int], Guess]:
    centre = find_centre(sample)
    why = f"The centre of what is bright in {len(sample)} patterns."
    return centre, Guess("beam centre", f"row {centre[0]}, column {centre[1]}", why, "centre_px")


def _unit(raw: RawScan, known: Reading) -> Guess:
    """Choose the first unit in which the positions make sense for the geometry.

    Without a geometry they can only be pixels; one position, or what is no number, tells nothing.
    """
    pixel_m = _pixel(raw, known)
    plausible: StoredUnit = "px" if pixel_m is None else "m"
    if raw.positions is None or len(raw.positions) < 2 or not np.isfinite(raw.positions).all():
        return Guess("unit of positions", plausible, "Nothing tells it.", "position_unit", 0.0)
    spread = _spread(raw.positions)
    units = ("px",) if pixel_m is None else _UNITS
    sensible = [unit for unit in units if _is_sensible(spread, unit, pixel_m, max(raw.frames.shape[1:]))]
    if not sensible:
        raise IncompleteScanError(
            f"The probe positions of {raw.name} span {spread.extent:.3g} and are {spread.step:.3g} apart, "
            "which makes sense in no unit that ptygui knows"
            f"{' without a geometry' if pixel_m is None else ' for this geometry'}: tell the unit, energy, "
            "distance and detector pixel.",
            ("position_unit", *GEOMETRY, "pixel_size_m"),
        )
    return Guess(
        "unit of positions", sensible[0], _why(sensible, pixel_m), "position_unit", 1 / len(sensible)
    )


_WORD: dict[StoredUnit, str] = {
    "m": "metres", "mm": "millimetres", "um": "micrometres", "nm": "nanometres", "px": "object pixels",
}  # fmt: skip


def _why(sensible: list[StoredUnit], pixel_m: float | None) -> str:
    if pixel_m is None:
        return (
            "Step and extent of the scan can be object pixels; without a geometry lengths cannot be judged."
        )
    others = ", ".join(_WORD[unit] for unit in sensible[1:])
    return (
        f"In {_WORD[sensible[0]]} step and extent of the scan make sense for this geometry; in "
        f"{others or 'others'} they do {'too, less likely' if others else 'not'}."
    )


class _Spread(NamedTuple):
    """How far the positions reach, and the typical distance of neighbours, in their stored unit."""

    extent: float
    step: float


def _spread(positions: NDArray[np.float64]) -> _Spread:
    """Measure positions (n, 2), finite, n > 1."""
    with np.errstate(over="ignore"):
        extent = float(np.ptp(positions, axis=0).max())
        step = float(np.median(np.asarray(KDTree(positions).query(positions, k=2)[0])[:, 1]))
    return _Spread(extent, step)


def _is_sensible(spread: _Spread, unit: StoredUnit, pixel_m: float | None, frame_px: int) -> bool:
    size_px = 1.0 if unit == "px" or pixel_m is None else METRES[unit] / pixel_m
    fits = LEAST_EXTENT_PX <= spread.extent * size_px <= MOST_EXTENT_PX
    return fits and LEAST_STEP_PX <= spread.step * size_px <= frame_px


def _pixel(raw: RawScan, known: Reading) -> float | None:
    """Return the object pixel of whole frames, if the geometry is known: its order of size decides."""
    if known.energy_ev and known.distance_m and known.detector_pixel_m:
        shape = raw.frames.shape[1:]
        return min(object_pixel_m(known.energy_ev, known.distance_m, known.detector_pixel_m, shape))
    return min(known.pixel_size_m) if known.pixel_size_m else None
