"""Propagation between the exit wave and the detector.

Far field as in Rodenburg & Maiden, "Ptychography", Springer Handbook of Microscopy (2019), eq. 17.5, with
orthonormal scaling, so that power is kept: sum|psi|² = sum|F|². Zero frequency lies at [H//2, W//2].
"""

from __future__ import annotations

import torch
from torch import Tensor

_PLANE = (-2, -1)


def to_detector(exit_wave: Tensor) -> Tensor:
    """Exit wave (..., H, W) complex -> detector wave (..., H, W), both centred, orthonormal."""
    spectrum = torch.fft.fft2(torch.fft.ifftshift(exit_wave, dim=_PLANE), norm="ortho")
    centred: Tensor = torch.fft.fftshift(spectrum, dim=_PLANE)
    return centred


def from_detector(detector_wave: Tensor) -> Tensor:
    """Inverse of `to_detector`."""
    wave = torch.fft.ifft2(torch.fft.ifftshift(detector_wave, dim=_PLANE), norm="ortho")
    centred: Tensor = torch.fft.fftshift(wave, dim=_PLANE)
    return centred
