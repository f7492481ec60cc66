"""A probe on other pixels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ptygui.core.fourier import far_field, near_field
from ptygui.core.preprocess import centre_and_crop


def resampled_probe(
    probe: NDArray[np.complex64], shape: tuple[int, int], ratio: tuple[float, float]
) -> NDArray[np.complex64]:
    """Return the same wave on other pixels, by its Fourier series.

    Frequencies that the new pixels cannot hold are left out; beyond the old window the wave is 0.

    Parameters
    ----------
    probe : (modes, H, W) complex64
    shape : (H', W')
    ratio : (y, x)
        New pixel size by the old one.

    Returns
    -------
    (modes, H', W') complex64; the power is kept as far as the new window and pixels hold it.
    """
    rows, cols = (_series(old, new, r) for old, new, r in zip(probe.shape[1:], shape, ratio, strict=True))
    waves = rows @ far_field(probe.astype(np.complex128)) @ cols.T
    return np.asarray(waves * math.sqrt(ratio[0] * ratio[1]), np.complex64)


def cropped_probe(probe: NDArray[np.complex64], size: tuple[int, int]) -> NDArray[np.complex64]:
    """Return the probe (modes, *size) whose far field is cropped or padded: its pixel changes."""
    height, width = probe.shape[1:]
    far = centre_and_crop(far_field(probe), (height // 2, width // 2), size)
    return np.asarray(near_field(far), np.complex64)


def _series(old: int, new: int, ratio: float) -> NDArray[np.complex128]:
    """Return the matrix (new, old) from centred frequencies to places."""
    places = (np.arange(new) - new // 2) * ratio
    frequencies = (np.arange(old) - old // 2) / old
    waves = np.exp(2j * np.pi * np.outer(places, frequencies)) / math.sqrt(old)
    waves[:, np.abs(frequencies) * ratio > 0.5 + 1e-12] = 0
    waves[(places < -(old // 2) - 0.5) | (places > old - old // 2 - 0.5)] = 0
    return np.asarray(waves, np.complex128)
