"""The forward model: patch x probe -> exit wave -> far field -> amplitude on the detector."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptygui.physics.propagate import to_detector


def exit_waves(patches: Tensor, probes: Tensor) -> Tensor:
    """Patches (n, H, W) times probes (n, modes, H, W) or (modes, H, W): (n, modes, H, W)."""
    return patches[:, None] * probes


def modulus(detector_waves: Tensor) -> Tensor:
    """Amplitude of incoherent modes: sqrt(sum_m |F_m|²), (n, modes, H, W) -> (n, H, W).

    A tiny constant keeps the gradient of the square root finite at zero.
    """
    power = detector_waves.real.square() + detector_waves.imag.square()
    return torch.sqrt(power.sum(dim=1) + 1e-12)


def measured_amplitude(counts: Tensor, good: Tensor | None = None) -> Tensor:
    """Square roots of measured counts, what computed amplitudes are compared with.

    Parameters
    ----------
    counts : (n, H, W) float
    good : (H, W) bool or None
        False where a pixel measured nothing and may hold anything.

    Returns
    -------
    (n, H, W), zero for negative counts and where not good: a NaN there, though it counts nothing, would spoil
    every gradient.
    """
    if good is not None:
        counts = torch.where(good, counts, 0.0)
    return counts.clamp_min(0).sqrt()


def good_pixels(bad_pixels: NDArray[np.bool_] | None) -> Tensor | None:
    """Turn a scan's mask (H, W), True = bad, into the `good` of the physics; None: all are good."""
    return None if bad_pixels is None else torch.from_numpy(~bad_pixels)


def amplitudes(patches: Tensor, probes: Tensor) -> Tensor:
    """Amplitudes that patches (n, H, W) cause on the detector, (n, H, W) float."""
    return modulus(to_detector(exit_waves(patches, probes)))
