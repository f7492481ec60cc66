"""Modes, scale, weights and likeness of probes; a probe is (modes, H, W) complex64 in object pixels."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError

WEIGHT_FLOOR = 1e-3
"""Least weight of a pixel in a patch, so that what the probe hardly lit still has a value."""


class ProbeError(PtyguiError):
    """A probe that cannot be made or used."""


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


def _orders(count: int) -> list[tuple[int, int]]:
    """Return the first `count` exponents (p, q): 1, y, x, y^2, yx, x^2, ..."""
    degrees = range(count)
    return [(degree - q, q) for degree in degrees for q in range(degree + 1)][:count]
