"""Where a patch lies between the pixels: positions in whole and sub-pixel parts, and shifts.

The torch twin is physics.shift.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray


def split_positions(
    positions_px: NDArray[np.float64], shape: tuple[int, int]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Split patch centres into integer top-left corners and sub-pixel rests.

    Parameters
    ----------
    positions_px : (b, 2) float64, (y, x)
    shape : (H, W) of the patches

    Returns
    -------
    corners : (b, 2) int, first row and column of each patch
    fractions : (b, 2) float64, each in [-0.5, 0.5]
    """
    nearest = np.rint(positions_px)
    corners = nearest.astype(np.intp) - np.array([shape[0] // 2, shape[1] // 2])
    return corners, positions_px - nearest


def shift_subpixel(stack: NDArray[Any], fractions: NDArray[np.float64]) -> NDArray[Any]:
    """Shift each image of `stack` (b, H, W) by `fractions` (b, 2) pixels (+ is down and right).

    Exact for band-limited periodic images (Fourier shift theorem; the Nyquist row and column of even
    sizes are kept real by taking the cosine). Real input gives real output, precision is kept. A stack of
    one image is shifted to all b places.
    """
    height, width = stack.shape[-2:]
    if not fractions.any():
        return np.array(np.broadcast_to(stack, (len(fractions), height, width)))
    if np.iscomplexobj(stack):
        spectrum = scipy.fft.fft2(stack) * _shift_factors(stack, fractions, np.fft.fftfreq(width))
        return np.asarray(scipy.fft.ifft2(spectrum, overwrite_x=True))
    spectrum = scipy.fft.rfft2(stack) * _shift_factors(stack, fractions, np.fft.rfftfreq(width))
    return np.asarray(scipy.fft.irfft2(spectrum, s=(height, width), overwrite_x=True))


def _shift_factors(
    stack: NDArray[Any], fractions: NDArray[np.float64], col_frequencies: NDArray[np.floating]
) -> NDArray[Any]:
    """Return what each Fourier pixel is multiplied by, (b, H, columns), in the stack's precision."""
    row_frequencies = np.fft.fftfreq(stack.shape[-2])
    rows = _phase_factors(row_frequencies, fractions[:, 0])[:, :, None]
    cols = _phase_factors(col_frequencies, fractions[:, 1])[:, None, :]
    precision = np.result_type(stack.dtype, np.complex64)
    return np.asarray(rows.astype(precision) * cols.astype(precision))


def _phase_factors(frequencies: NDArray[np.floating], shifts: NDArray[np.float64]) -> NDArray[np.complex128]:
    factors: NDArray[np.complex128] = np.exp(-2j * np.pi * shifts[:, None] * frequencies[None, :])
    nyquist = np.abs(frequencies) == 0.5
    factors[:, nyquist] = factors[:, nyquist].real
    return factors
