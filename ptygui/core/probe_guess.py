"""Probe guesses from optics: a disk, a zone plate with defocus; (1, H, W) complex64 in object pixels."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.special import erf

from ptygui.core.probe import ProbeError


def disk_probe(
    shape: tuple[int, int], diameter_px: float | tuple[float, float], edge_px: float = 2.0
) -> NDArray[np.complex64]:
    """Return a disk of amplitude 1 and flat phase with a smooth edge.

    Parameters
    ----------
    shape : (H, W)
    diameter_px : float or (y, x)
        Where the amplitude is one half; two numbers if the pixels are not square.
    edge_px : float
        Width (standard deviation) of the error-function edge; keeps the probe band-limited.

    Returns
    -------
    (1, H, W) complex64, centred on [H//2, W//2].

    Raises
    ------
    ProbeError
        If the disk does not fit into the window.
    """
    high, wide = diameter_px if isinstance(diameter_px, tuple) else (diameter_px, diameter_px)
    _refuse_too_wide(max(high, wide), shape)
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    radius = np.hypot(rows - shape[0] // 2, (cols - shape[1] // 2) * (high / wide))
    return smooth_step(high / 2 - radius, edge_px).astype(np.complex64)[None]


def zone_plate_probe(
    shape: tuple[int, int],
    *,
    wavelength_m: float,
    pixel_size_m: tuple[float, float],
    outer_zone_m: float,
    defocus_m: float = 0.0,
    stop_fraction: float = 0.0,
) -> NDArray[np.complex64]:
    """Return the first-order field of a Fresnel zone plate, `defocus_m` downstream of its focus.

    The lens is a pupil of numerical aperture lambda / (2 outer_zone); the field is propagated from the
    focus by the Fresnel transfer function exp(-i pi lambda z |nu|^2) (Goodman, Introduction to Fourier
    Optics, 4.2; Attwood, Soft X-Rays, 9.3).

    Parameters
    ----------
    shape : (H, W)
    wavelength_m, outer_zone_m, defocus_m : float
    pixel_size_m : (y, x), object pixel
    stop_fraction : float
        Diameter of the central stop by that of the lens, 0 <= f < 1.

    Returns
    -------
    (1, H, W) complex64 of total power 1.

    Raises
    ------
    ProbeError
        If the pixel is too coarse for the lens, or the defocused beam wider than the window.
    """
    defocus_rad = math.pi * wavelength_m * defocus_m / (4 * outer_zone_m**2)
    outer_zone_px = (outer_zone_m / pixel_size_m[0], outer_zone_m / pixel_size_m[1])
    return _annular_pupil_probe(shape, outer_zone_px, defocus_rad, stop_fraction)


def zone_plate_probe_px(
    shape: tuple[int, int],
    outer_zone_px: float = 2.0,
    defocus_rad: float = 0.0,
    stop_fraction: float = 0.0,
) -> NDArray[np.complex64]:
    """Return a zone plate's field when no geometry is known: everything in object pixels.

    Parameters
    ----------
    shape : (H, W)
    outer_zone_px : float
        Width of the outermost zone, at least 1: half the period of the finest detail in the probe.
    defocus_rad : float
        Phase at the rim of the lens by defocus, pi lambda z / (4 outer_zone^2). The beam's geometric
        diameter is 4 outer_zone |defocus_rad| / pi pixels.
    stop_fraction : float
        Diameter of the central stop by that of the lens, 0 <= f < 1.

    Returns
    -------
    (1, H, W) complex64 of total power 1.

    Raises
    ------
    ProbeError
        As `zone_plate_probe`.
    """
    return _annular_pupil_probe(shape, (outer_zone_px, outer_zone_px), defocus_rad, stop_fraction)


def _annular_pupil_probe(
    shape: tuple[int, int], outer_zone_px: tuple[float, float], defocus_rad: float, stop_fraction: float
) -> NDArray[np.complex64]:
    if min(outer_zone_px) < 1:
        raise ProbeError(
            f"The outermost zone is {min(outer_zone_px):.2f} object pixels wide; it must be at least 1 "
            "for the probe to be sampled."
        )
    _refuse_too_wide(4 * max(outer_zone_px) * abs(defocus_rad) / math.pi, shape)
    radius = _pupil_radius(shape, outer_zone_px)
    edge = 4 * max(outer_zone_px) / min(shape)  # two frequency steps: short tails, so little wraps around
    pupil = smooth_step(1 - radius, edge)
    if stop_fraction > 0:
        pupil = pupil * smooth_step(radius - stop_fraction, edge)
    field = scipy.fft.ifft2(pupil * np.exp(-1j * defocus_rad * radius**2))
    field = scipy.fft.fftshift(field) / np.linalg.norm(field)
    return np.asarray(field, np.complex64)[None]


def _pupil_radius(shape: tuple[int, int], outer_zone_px: tuple[float, float]) -> NDArray[np.float64]:
    """Return |spatial frequency| by the lens's cut-off 1 / (2 outer zone), zero frequency at [0, 0]."""
    rows = scipy.fft.fftfreq(shape[0]) * 2 * outer_zone_px[0]
    cols = scipy.fft.fftfreq(shape[1]) * 2 * outer_zone_px[1]
    radius: NDArray[np.float64] = np.hypot(rows[:, None], cols[None, :])
    return radius


def smooth_step(distance: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return 0 far outside (negative distance), 1 far inside."""
    step: NDArray[np.float64] = 0.5 * (1 + erf(distance / (math.sqrt(2) * width)))
    return step


def _refuse_too_wide(diameter_px: float, shape: tuple[int, int]) -> None:
    if diameter_px >= min(shape):
        raise ProbeError(
            f"The probe would be {diameter_px:.1f} pixels wide in a window of {min(shape)}: "
            "make it smaller or reduce the defocus."
        )
