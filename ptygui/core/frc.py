"""Fourier ring correlation: how far into the details two images of one object agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal.windows import tukey

ONE_SEVENTH = 1 / 7
"""Fixed threshold for two halves of one data set (Rosenthal and Henderson, J. Mol. Biol. 333, 721, 2003)."""


@dataclass(frozen=True)
class RingCorrelation:
    """A Fourier ring correlation.

    Attributes
    ----------
    frequency : (rings,) float64
        Mean radius of each ring in cycles per pixel, up to Nyquist, 0.5.
    correlation : (rings,) float64
    half_bit : (rings,) float64
        The 1/2-bit threshold of each ring.
    pixel_size_m : float or None
    """

    frequency: NDArray[np.float64]
    correlation: NDArray[np.float64]
    half_bit: NDArray[np.float64]
    pixel_size_m: float | None = None

    def resolution_px(self, threshold: NDArray[np.float64] | float | None = None) -> float | None:
        """Return the half period, in pixels, at which the correlation first falls below a threshold.

        The half period is what ptychography quotes: 1 is the finest that a pixel can show, and is the answer
        when the correlation never falls below. None: not even the coarsest ring agrees.

        Parameters
        ----------
        threshold : (rings,) or float
            By default the 1/2-bit curve.
        """
        margin = self.correlation - (self.half_bit if threshold is None else threshold)
        below = np.flatnonzero(margin < 0)
        if below.size == 0:
            return 1.0
        last = int(below[0])
        if last == 0:
            return None
        crossing = np.interp(0, [margin[last], margin[last - 1]], self.frequency[[last, last - 1]])
        return float(0.5 / crossing)

    def resolution_m(self, threshold: NDArray[np.float64] | float | None = None) -> float | None:
        """Return `resolution_px` in metres; None as well if the pixel size is unknown."""
        resolution = self.resolution_px(threshold)
        return None if resolution is None or self.pixel_size_m is None else resolution * self.pixel_size_m


def ring_correlation(
    a: NDArray[np.complexfloating[Any, Any]],
    b: NDArray[np.complexfloating[Any, Any]],
    *,
    apodisation: float = 0.5,
    pixel_size_m: float | None = None,
) -> RingCorrelation:
    """Correlate two images ring by ring.

    FRC = Re(sum F_a conj(F_b)) / sqrt(sum|F_a|² sum|F_b|²) over each ring (Saxton and Baumeister, 1982),
    after taking off each image's mean, a Tukey window, and one global phase (not a ramp: core.gauge).
    1/2-bit threshold: van Heel and Schatz, J. Struct. Biol. 151, 250 (2005), eq. 17.

    Parameters
    ----------
    a, b : (rows, cols) complex, one shape
    apodisation : float
        Share of each axis that is tapered, 0..1.
    pixel_size_m : float or None
    """
    cross, power_a, power_b = _spectra(a, b, apodisation)
    rings, counts = _rings(a.shape)
    sums = [np.bincount(rings, values, len(counts)) for values in (cross, power_a, power_b)]
    norm = np.sqrt(sums[1] * sums[2])
    correlation = np.divide(sums[0], norm, out=np.zeros_like(norm), where=norm > 0)
    frequency = np.arange(len(counts)) / min(a.shape)
    kept = (counts > 0) & (frequency > 0) & (frequency <= 0.5)
    return RingCorrelation(frequency[kept], correlation[kept], half_bit(counts[kept]), pixel_size_m)


def half_bit(count: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the 1/2-bit threshold of rings with `count` independent pixels."""
    root = np.sqrt(count)
    return np.asarray((0.2071 + 1.9102 / root) / (1.2071 + 0.9102 / root), np.float64)


def _spectra(
    a: NDArray[np.complexfloating[Any, Any]], b: NDArray[np.complexfloating[Any, Any]], apodisation: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return Re(F_a conj(F_b)) in one global phase, |F_a|² and |F_b|², each flat."""
    window = np.outer(*(tukey(size, apodisation) for size in a.shape))
    spectrum_a, spectrum_b = (scipy.fft.fft2((image - image.mean()) * window).ravel() for image in (a, b))
    cross = spectrum_a * spectrum_b.conj()
    cross = cross * np.exp(-1j * np.angle(cross.sum()))
    return cross.real, np.abs(spectrum_a) ** 2, np.abs(spectrum_b) ** 2


def _rings(shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ring of each Fourier pixel, flat, and how many each ring has."""
    # a ring is one frequency step of the shorter axis wide
    radius = np.hypot(scipy.fft.fftfreq(shape[0])[:, None], scipy.fft.fftfreq(shape[1])[None, :])
    rings = np.rint(radius * min(shape)).astype(np.intp).ravel()
    return rings, np.bincount(rings)
