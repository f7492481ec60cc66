"""The forward model: patch x probe -> exit wave -> far field -> amplitude on the detector."""

from __future__ import annotations

import torch
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


def amplitudes(patches: Tensor, probes: Tensor) -> Tensor:
    """Amplitudes that patches (n, H, W) cause on the detector, (n, H, W) float."""
    return modulus(to_detector(exit_waves(patches, probes)))
