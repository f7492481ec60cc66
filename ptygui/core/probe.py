"""Probe guesses, modes, scale and likeness; a probe is (modes, H, W) complex64 in object pixels."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.special import erf

from ptygui.core.errors import PtyguiError

WEIGHT_FLOOR = 1e-3
"""Least weight of a pixel in a patch, so that what the probe hardly lit still has a value."""


class ProbeError(PtyguiError):
    """A probe that cannot be made or used."""


def disk_probe(shape: tuple[int, int], diameter_px: float, edge_px: float = 2.0) -> NDArray[np.complex64]:
    """Return a disk of amplitude 1 and flat phase with a smooth edge.

    Parameters
    ----------
    shape : (H, W)
    diameter_px : float
        Where the amplitude is one half.
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
    _refuse_too_wide(diameter_px, shape)
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    radius = np.hypot(rows - shape[0] // 2, cols - shape[1] // 2)
    return _smooth_step(diameter_px / 2 - radius, edge_px).astype(np.complex64)[None]


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


def hermite_modes(
    probe: NDArray[np.complex64], count: int, secondary_power: float = 0.02
) -> NDArray[np.complex64]:
    """Return `count` orthogonal modes grown from the first one by Hermite-like polynomials.

    The usual start for a partially coherent beam (Thibault and Menzel, Nature 494, 68, 2013): mode k is
    the first one times y^p x^q, orthogonalised, with power `secondary_power` of the first one's each.

    Parameters
    ----------
    probe : (modes, H, W) complex64, of which only the first mode is used
    count : int, >= 1
    secondary_power : float

    Returns
    -------
    (count, H, W) complex64 whose total power is that of the given first mode.
    """
    first = probe[0].astype(np.complex128)
    height, width = first.shape
    y = (np.arange(height) - height // 2)[:, None] / height
    x = (np.arange(width) - width // 2)[None, :] / width
    grown = np.stack([(first * y**p * x**q).ravel() for p, q in _orders(count)])
    basis, _ = np.linalg.qr(grown.T)
    powers = np.array([1.0] + [secondary_power] * (count - 1))
    powers *= np.sum(np.abs(first) ** 2) / powers.sum()
    basis *= np.exp(1j * np.angle(np.vdot(basis[:, 0], first.ravel())))
    modes: NDArray[np.complex128] = basis.T * np.sqrt(powers)[:, None]
    return modes.reshape(count, height, width).astype(np.complex64)


def orthogonalise_modes(probe: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """Return orthogonal modes of the same mutual coherence, the strongest first, (modes, H, W)."""
    left, sizes, modes = np.linalg.svd(probe.reshape(len(probe), -1), full_matrices=False)
    phases = np.exp(1j * np.angle(np.diagonal(left)))  # a single mode comes back with its own phase
    modes = np.asarray((phases * sizes)[:, None] * modes, np.complex64)
    return modes.reshape(probe.shape)


def scale_to_photons(probe: NDArray[np.complex64], mean_photons: float) -> NDArray[np.complex64]:
    """Return c * probe with c^2 = mean_j sum(I_j) / sum|P|^2, so that a flat object of 1 explains the scan.

    Parameters
    ----------
    probe : (modes, H, W) complex64
    mean_photons : float
        Mean over patterns of the summed counts.

    Raises
    ------
    ProbeError
        If the probe is zero or not finite, or there are no photons.
    """
    power = float(np.sum(np.abs(probe.astype(np.complex128)) ** 2))
    if not (math.isfinite(power) and power > 0):
        raise ProbeError("The probe is empty or not finite: choose another probe.")
    if not (math.isfinite(mean_photons) and mean_photons > 0):
        raise ProbeError("The patterns hold no photons, so the probe's scale cannot be found.")
    return np.asarray(probe * math.sqrt(mean_photons / power), np.complex64)


def intensity_weights(probe: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return sum_m |P_m|^2 / max + 1e-3, (H, W) float32: how far each pixel of a patch can be trusted."""
    intensity = np.sum(np.abs(probe) ** 2, axis=0)
    peak = float(intensity.max())
    if not (math.isfinite(peak) and peak > 0):
        raise ProbeError("The probe is empty or not finite: choose another probe.")
    return np.asarray(intensity / peak + WEIGHT_FLOOR, np.float32)


def effective_diameter_px(probe: NDArray[np.complex64]) -> float:
    """Return the diameter of the uniform disk as large as the probe, whose area is (sum I)^2 / sum I^2.

    0 for a probe that is empty or not finite.
    """
    intensity = np.sum(np.abs(probe.astype(np.complex128)) ** 2, axis=0)
    total = float(intensity.sum())
    if not (math.isfinite(total) and total > 0):
        return 0.0
    area = total**2 / float(np.sum(intensity**2))
    return 2 * math.sqrt(area / math.pi)


def probe_similarity(a: NDArray[np.complex64], b: NDArray[np.complex64]) -> float:
    """Return how alike two probes are, 0..1, whatever their place, global phase, scale and mode basis.

    The largest value over all shifts s of sqrt(sum_mn |<A_m, B_n(s)>|^2), divided by the same of each
    probe with itself: the overlap of the two coherence matrices. For single modes it is the normalised
    cross-correlation max_s |<A, B(s)>| / (|A| |B|).

    Parameters
    ----------
    a, b : (modes, H, W) complex64, with the same H and W and pixel size

    Raises
    ------
    ProbeError
        If the sizes differ.
    """
    if a.shape[1:] != b.shape[1:]:
        raise ProbeError(f"Probes of {a.shape[1:]} and {b.shape[1:]} pixels cannot be compared.")
    overlap = _coherence_overlap(a, b).max()
    norms = _coherence_overlap(a, a)[0, 0] * _coherence_overlap(b, b)[0, 0]
    return float(np.sqrt(overlap / np.sqrt(norms))) if norms > 0 else 0.0


def _coherence_overlap(a: NDArray[np.complex64], b: NDArray[np.complex64]) -> NDArray[np.float64]:
    """Return sum_mn |<A_m, B_n(s)>|^2 for every shift s, (H, W) float64."""
    spectra_a = scipy.fft.fft2(a.astype(np.complex128))
    spectra_b = scipy.fft.fft2(b.astype(np.complex128))
    total = np.zeros(a.shape[1:])
    for spectrum in spectra_a:
        total += np.sum(np.abs(scipy.fft.ifft2(spectrum * spectra_b.conj())) ** 2, axis=0)
    return total


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
    pupil = _smooth_step(1 - radius, edge)
    if stop_fraction > 0:
        pupil = pupil * _smooth_step(radius - stop_fraction, edge)
    field = scipy.fft.ifft2(pupil * np.exp(-1j * defocus_rad * radius**2))
    field = scipy.fft.fftshift(field) / np.linalg.norm(field)
    return np.asarray(field, np.complex64)[None]


def _pupil_radius(shape: tuple[int, int], outer_zone_px: tuple[float, float]) -> NDArray[np.float64]:
    """Return |spatial frequency| by the lens's cut-off 1 / (2 outer zone), zero frequency at [0, 0]."""
    rows = scipy.fft.fftfreq(shape[0]) * 2 * outer_zone_px[0]
    cols = scipy.fft.fftfreq(shape[1]) * 2 * outer_zone_px[1]
    radius: NDArray[np.float64] = np.hypot(rows[:, None], cols[None, :])
    return radius


def _smooth_step(distance: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return 0 far outside (negative distance), 1 far inside."""
    step: NDArray[np.float64] = 0.5 * (1 + erf(distance / (math.sqrt(2) * width)))
    return step


def _orders(count: int) -> list[tuple[int, int]]:
    """Return the first `count` exponents (p, q): 1, y, x, y^2, yx, x^2, ..."""
    degrees = range(count)
    return [(degree - q, q) for degree in degrees for q in range(degree + 1)][:count]


def _refuse_too_wide(diameter_px: float, shape: tuple[int, int]) -> None:
    if diameter_px >= min(shape):
        raise ProbeError(
            f"The probe would be {diameter_px:.1f} pixels wide in a window of {min(shape)}: "
            "make it smaller or reduce the defocus."
        )
