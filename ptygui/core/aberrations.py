"""Probes of lenses that are not perfect, and probes that are not quite the true ones.

Aberrations are written in Zernike polynomials as Noll numbers and normalises them (J. Opt. Soc. Am. 66, 207
(1976)): over the unit disk each has mean square 1, so a coefficient is a root mean square phase in radians.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ptygui.core.probe import ProbeError
from ptygui.core.probe_guess import smooth_step

DEFOCUS, ASTIGMATISM = 4, (5, 6)
"""Noll's numbers; 7 and 8 are coma, 11 is the spherical aberration."""


def zernike(number: int, radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Noll's polynomial Z_number at (radius, angle), in the arrays' shape.

    sqrt(n+1) R_n^m(r) times sqrt(2) cos(m a) for even numbers, sqrt(2) sin(m a) for odd ones, 1 for m = 0.

    Parameters
    ----------
    number : int, >= 1
    radius : 0 in the middle, 1 at the rim
    angle : radians

    Raises
    ------
    ValueError
        If there is no such polynomial.
    """
    n, m = noll_order(number)
    radial = np.sqrt(n + 1) * _radial(n, m, radius)
    if m == 0:
        return np.asarray(radial, np.float64)
    turning = np.cos(m * angle) if number % 2 == 0 else np.sin(m * angle)
    return np.asarray(np.sqrt(2) * radial * turning, np.float64)


def noll_order(number: int) -> tuple[int, int]:
    """Return (n, m), radial degree and azimuthal frequency >= 0, of Noll's polynomial; raises ValueError."""
    if number < 1:
        raise ValueError(f"Noll's polynomials are numbered from 1; there is no {number}.")
    n = (math.isqrt(8 * number - 7) - 1) // 2
    place = number - n * (n + 1) // 2
    return n, 2 * (place // 2) if n % 2 == 0 else 2 * ((place - 1) // 2) + 1


def pupil_probe(
    shape: tuple[int, int],
    outer_zone_px: float,
    noll_rad: Mapping[int, float],
    *,
    stop_fraction: float = 0.0,
    square: bool = False,
) -> NDArray[np.complex64]:
    """Return the focus of a lens with aberrations.

    Parameters
    ----------
    shape : (H, W)
    outer_zone_px : float
        Half the period of the finest detail in the probe, at least 1: the pupil ends at the spatial
        frequency 1 / (2 outer_zone).
    noll_rad : mapping
        Noll's number -> coefficient in radians. Defocus by phase d at the rim is {4: d / sqrt(12)}, but for
        a constant, with the sign of `zone_plate_probe_px`.
    stop_fraction : float
        Diameter of a central stop by that of the lens, 0 <= f < 1.
    square : bool
        True: a square pupil, as a pair of crossed mirrors has.

    Returns
    -------
    (1, H, W) complex64 of total power 1.

    Raises
    ------
    ProbeError
        If the pixel is too coarse for the lens.
    """
    if outer_zone_px < 1:
        raise ProbeError(
            f"The finest detail is {outer_zone_px:.2f} object pixels wide; it must be at least 1 for the "
            "probe to be sampled."
        )
    y, x = (scipy.fft.fftfreq(size) * 2 * outer_zone_px for size in shape)
    radius, angle = np.hypot(y[:, None], x[None, :]), np.arctan2(y[:, None], x[None, :])
    edge = 4 * outer_zone_px / min(shape)  # two frequency steps: short tails, so little wraps around
    rim = np.maximum(np.abs(y)[:, None], np.abs(x)[None, :]) if square else radius
    pupil = smooth_step(1 - rim, edge)
    if stop_fraction > 0:
        pupil = pupil * smooth_step(radius - stop_fraction, edge)
    phase = sum((c * zernike(number, radius, angle) for number, c in noll_rad.items()), np.zeros(shape))
    field = scipy.fft.fftshift(scipy.fft.ifft2(pupil * np.exp(-1j * phase)))
    return np.asarray(field / np.linalg.norm(field), np.complex64)[None]


def misjudged(probe: NDArray[np.complex64], strength_rad: float, *, seed: int) -> NDArray[np.complex64]:
    """Return what one may take a probe for: defocus, astigmatism and amplitude are off.

    Defocus and both astigmatisms each differ by up to `strength_rad`, root mean square over the probe's
    spectrum, and the amplitude by up to a fifth of it along a random direction. The centre stays: a probe
    that is moved only moves the object.

    Parameters
    ----------
    probe : (modes, H, W) complex64
    strength_rad : float
    seed : int

    Returns
    -------
    (modes, H, W) complex64 of the same power.
    """
    rng = np.random.default_rng(seed)
    defocus, *astigmatism = rng.uniform(-strength_rad, strength_rad, 3)
    spectrum = scipy.fft.fft2(probe.astype(np.complex128))
    y, x = np.meshgrid(*(scipy.fft.fftfreq(size) for size in probe.shape[1:]), indexing="ij")
    power = np.sum(np.abs(spectrum) ** 2, axis=0)
    shapes = [_standardised(pattern, power) for pattern in (y**2 + x**2, y**2 - x**2, 2 * y * x)]
    phase = sum(c * shape for c, shape in zip((defocus, *astigmatism), shapes, strict=True))
    wrong = scipy.fft.ifft2(spectrum * np.exp(-1j * np.asarray(phase)))
    wrong = wrong * _slope(probe.shape[1:], 0.2 * rng.uniform(0, strength_rad), rng.uniform(0, 2 * np.pi))
    return np.asarray(wrong * np.linalg.norm(probe) / np.linalg.norm(wrong), np.complex64)


def _radial(n: int, m: int, radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """R_n^m(r) = sum_s (-1)^s (n-s)! / (s! ((n+m)/2-s)! ((n-m)/2-s)!) r^(n-2s)."""
    total = np.zeros_like(radius)
    for s in range((n - m) // 2 + 1):
        below = math.factorial((n + m) // 2 - s) * math.factorial((n - m) // 2 - s)
        factor = (-1) ** s * math.factorial(n - s) / (math.factorial(s) * below)
        total += factor * radius ** (n - 2 * s)
    return total


def _standardised(pattern: NDArray[np.float64], power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return it with mean 0 and mean square 1, weighted by `power`."""
    pattern = pattern - np.average(pattern, weights=power)
    return np.asarray(pattern / np.sqrt(np.average(pattern**2, weights=power)), np.float64)


def _slope(shape: tuple[int, ...], strength: float, direction: float) -> NDArray[np.float64]:
    """Return 1 + strength times a cosine of the window's length along a direction, (H, W)."""
    y, x = ((np.arange(size) - size // 2) / size for size in shape)
    along = np.sin(direction) * y[:, None] + np.cos(direction) * x[None, :]
    return np.asarray(1 + strength * np.sin(2 * np.pi * along), np.float64)
