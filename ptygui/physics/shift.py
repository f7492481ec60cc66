"""Sub-pixel shifts by the Fourier shift theorem; the torch twin of core.shift."""

from __future__ import annotations

import torch
from torch import Tensor


def shift_subpixel(stack: Tensor, fractions: Tensor) -> Tensor:
    """Shift images by fractions of a pixel (+ is down and right).

    Parameters
    ----------
    stack : (n, ..., H, W) complex or real
    fractions : (n, 2) float, (y, x) in pixels

    Returns
    -------
    (n, ..., H, W), complex for complex input and real for real input. Exact for band-limited periodic
    images; the Nyquist row and column of even sizes take the cosine, so that real images stay real.
    """
    height, width = stack.shape[-2:]
    middle = (1,) * (stack.ndim - 3)
    rows = shift_factors(height, fractions[:, 0]).reshape(-1, *middle, height, 1)
    cols = shift_factors(width, fractions[:, 1]).reshape(-1, *middle, 1, width)
    shifted: Tensor = torch.fft.ifft2(torch.fft.fft2(stack) * rows * cols)
    return shifted if stack.is_complex() else shifted.real


def shift_factors(size: int, fractions: Tensor) -> Tensor:
    """exp(-2 pi i k f) for fractions f (n,) and frequencies k of an axis, (n, size); real at Nyquist."""
    frequencies = torch.fft.fftfreq(size, dtype=fractions.dtype, device=fractions.device)
    angle = -2 * torch.pi * fractions[:, None] * frequencies
    real, imaginary = torch.cos(angle), torch.sin(angle)
    if size % 2 == 0:
        imaginary[:, size // 2] = 0
    return torch.complex(real, imaginary)
