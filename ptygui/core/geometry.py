"""Lengths, energies and orientation: the only place that knows how a detector lies to the object.

Orientation codes (as in ptypy and PtyLab): 0 none, 1 flip columns, 2 flip rows, 3 both,
4 + i transpose, then i. They are the eight symmetries of the square.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.scan import Guess

Scalar = TypeVar("Scalar", bound=np.generic)

ORIENTATIONS = range(8)
_HC_EV_M = 6.62607015e-34 * 299792458 / 1.602176634e-19
"""Planck constant times speed of light in eV m; exact, as the SI defines all three. (scipy.constants has them
too, but the window does not wait for scipy.)"""


def wavelength_m(energy_ev: float) -> float:
    """Return the photon wavelength, h c / E; raises ScanError unless the energy is positive."""
    return _HC_EV_M / _positive("The photon energy", energy_ev, "eV")


def energy_ev(wavelength_m: float) -> float:
    """Return the photon energy, h c / lambda; raises ScanError unless the wavelength is positive."""
    return _HC_EV_M / _positive("The wavelength", wavelength_m, "m")


def object_pixel_m(
    energy_ev: float, distance_m: float, detector_pixel_m: tuple[float, float], shape: tuple[int, int]
) -> tuple[float, float]:
    """Return the object pixel (y, x) = lambda distance / (N detector pixel), metres.

    Parameters
    ----------
    energy_ev, distance_m : float
    detector_pixel_m : (y, x)
        After binning.
    shape : (H, W)
        After cropping and binning.

    Raises
    ------
    ScanError
        If one of the lengths or the energy is not a positive number.
    """
    reach = wavelength_m(energy_ev) * _positive("The distance to the detector", distance_m, "m")
    pixels = [_positive("The detector pixel", pixel, "m") for pixel in detector_pixel_m]
    return reach / (shape[0] * pixels[0]), reach / (shape[1] * pixels[1])


def to_pixels(positions_m: NDArray[np.float64], pixel_size_m: tuple[float, float]) -> NDArray[np.float64]:
    """Convert positions (n, 2) (y, x) from metres to object pixels."""
    return np.asarray(positions_m / np.asarray(pixel_size_m), np.float64)


def to_metres(positions_px: NDArray[np.float64], pixel_size_m: tuple[float, float]) -> NDArray[np.float64]:
    """Convert positions (n, 2) (y, x) from object pixels to metres."""
    return np.asarray(positions_px * np.asarray(pixel_size_m), np.float64)


def orient_frames(stack: NDArray[Scalar], code: int) -> NDArray[Scalar]:
    """Turn raw detector frames or masks (..., H, W), edge to edge; for frames not centred yet.

    Flipping an even number of pixels moves the zero frequency from H//2 to H//2 - 1: for what is centred
    use `orient_centred`.
    """
    _refuse_unknown(code)
    if code & 4:
        stack = stack.swapaxes(-1, -2)
    return stack[..., :: -1 if code & 2 else 1, :: -1 if code & 1 else 1]


def orient_centred(stack: NDArray[Scalar], code: int) -> NDArray[Scalar]:
    """Turn patterns or probes (..., H, W) about their centre [H//2, W//2], which stays where it is.

    The far field of a turned exit wave is the turned far field, so one code serves patterns and probe;
    `orient_positions` with the same code belongs to it.
    """
    turned = orient_frames(stack, code)
    moves = [1 if code & flip and turned.shape[axis] % 2 == 0 else 0 for axis, flip in ((-2, 2), (-1, 1))]
    return np.roll(turned, moves, axis=(-2, -1))


def orient_positions(positions: NDArray[np.float64], code: int) -> NDArray[np.float64]:
    """Turn positions (n, 2) (y, x) about the origin as `orient_centred` turns pixels about the centre.

    The eight codes are all swaps and signs: 3 turns a sample's motion into the probe's.
    """
    _refuse_unknown(code)
    swapped = positions[:, ::-1] if code & 4 else positions
    signs = np.array([-1.0 if code & 2 else 1.0, -1.0 if code & 1 else 1.0])
    return np.asarray(swapped * signs, np.float64)


def inverse_orientation(code: int) -> int:
    """Return the code that undoes `code`."""
    _refuse_unknown(code)
    return code if code < 4 else 4 + _swapped_flips(code)


def compose_orientations(first: int, second: int) -> int:
    """Return the code of doing `first`, then `second`."""
    _refuse_unknown(first)
    _refuse_unknown(second)
    flips = _swapped_flips(first) if second & 4 else first & 3  # a transpose carries row flips to columns
    return ((first ^ second) & 4) | (flips ^ (second & 3))


def centre_dc(stack: NDArray[Scalar]) -> NDArray[Scalar]:
    """Move the zero frequency of patterns (..., H, W) from the corner [0, 0] to [H//2, W//2]."""
    return np.fft.fftshift(stack, axes=(-2, -1))


def corner_dc(stack: NDArray[Scalar]) -> NDArray[Scalar]:
    """Move the zero frequency of patterns (..., H, W) from [H//2, W//2] to the corner [0, 0]."""
    return np.fft.ifftshift(stack, axes=(-2, -1))


def guess_dc(patterns: NDArray[Any]) -> Guess:
    """Say whether the zero frequency lies in the 'corner' or in the 'centre', by where the counts are.

    Parameters
    ----------
    patterns : (b, H, W)
        Some patterns; what is negative or not finite is left out.
    """
    counts = np.where(np.isfinite(patterns) & (patterns > 0), patterns, 0).astype(np.float64)
    mean = counts.mean(axis=0)
    total = mean.sum()
    if total == 0:
        return Guess("zero frequency", "centre", "The patterns looked at hold no counts.")
    in_middle, in_corners = (_central_power(image) / total for image in (mean, centre_dc(mean)))
    return Guess(
        "zero frequency",
        "corner" if in_corners > in_middle else "centre",
        f"{in_middle:.0%} of the counts lie in the middle, {in_corners:.0%} in the corners.",
    )


def guess_quantity(patterns: NDArray[Any]) -> Guess:
    """Say whether numbers are 'intensity' (counts) or 'amplitude' (their square root).

    Whole numbers are counts; numbers whose squares are whole are amplitudes; for others a maximum below
    100 means is taken for amplitudes (PtychoPINN, docs/data_contracts.md), which is weak evidence.

    Parameters
    ----------
    patterns : (b, H, W)
    """
    lit = patterns[np.isfinite(patterns) & (patterns > 0)].astype(np.float64)
    if lit.size == 0:
        return Guess("quantity", "intensity", "The patterns looked at hold no counts.")
    if _whole(lit):
        return Guess("quantity", "intensity", "All values are whole numbers.")
    if _whole(lit**2):
        return Guess("quantity", "amplitude", "The squares of all values are whole numbers.")
    ratio = float(lit.max() * patterns.size / lit.sum())
    value = "amplitude" if ratio < 100 else "intensity"
    return Guess(
        "quantity", value, f"The largest value is {ratio:.0f} times the mean; this is weak evidence."
    )


def _central_power(image: NDArray[np.float64]) -> float:
    """Return the sum over the middle quarter of the area; after `centre_dc` it is that of the corners."""
    height, width = image.shape
    rows, cols = height // 2 - height // 4, width // 2 - width // 4
    return float(image[rows : rows + height // 2, cols : cols + width // 2].sum())


def _whole(values: NDArray[np.float64]) -> bool:
    """Tell if all values are whole numbers, within what float32 keeps of them, and not all below 1."""
    telling = values[values < 1e5]  # above, float32 has too few digits left for a fraction
    if telling.size == 0 or telling.max() < 1:
        return False
    return bool((np.abs(telling - np.rint(telling)) <= 1e-6 * np.maximum(telling, 1)).all())


def _swapped_flips(code: int) -> int:
    """Return the flips of `code` with rows and columns exchanged."""
    return (code & 1) << 1 | (code & 2) >> 1


def _refuse_unknown(code: int) -> None:
    if code not in ORIENTATIONS:
        raise ScanError(f"{code} is no orientation: the codes are 0 to 7.")


def _positive(what: str, value: float, unit: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ScanError(f"{what} must be a positive number of {unit}, not {value}.")
    return float(value)
