"""Averaged projections: the classic update that polishes an object, and estimates a probe.

Each exit wave is projected onto its measured modulus and all patterns' corrections are averaged by
illumination, which is the parallel form of ePIE (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)) with
the momentum of mPIE (Maiden, Johnson & Li, Optica 4, 736 (2017)):

    psi_j = P C_j;  F = to_detector(psi_j);  psi'_j = from_detector(A_j F / (|F| + e))
    v <- m v + sum_j conj(P) (psi'_j - psi_j) / (sum_j |P|² + 0.05 max|P|²);  C <- C + v
"""

from __future__ import annotations

import torch
from torch import Tensor

from ptygui.physics.forward import exit_waves, modulus
from ptygui.physics.patches import Layout
from ptygui.physics.propagate import from_detector, to_detector

TRAINING_MOMENTUM = 0.7
"""Of the few steps that a generator is trained through: they overshoot, but reach far."""
REGULARISATION = 0.05


def correct_exit_waves(
    waves: Tensor, amplitude: Tensor, floor: float, good: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Project exit waves onto the measured modulus.

    Parameters
    ----------
    waves : (n, modes, H, W) complex
    amplitude : (n, H, W) float, measured, zero frequency in the centre
    floor : float
        Keeps the division finite where |F| is tiny; in units of amplitude.
    good : (H, W) bool or None
        False where a pixel measured nothing: there the computed value stays.

    Returns
    -------
    correction : (n, modes, H, W), psi' - psi
    computed : (n, H, W), |F| before the projection
    """
    spectrum = to_detector(waves)
    computed = modulus(spectrum)
    factor = amplitude / (computed + floor)
    if good is not None:
        factor = torch.where(good, factor, torch.ones_like(factor))
    return from_detector(spectrum * factor[:, None]) - waves, computed


def amplitude_floor(probe: Tensor) -> float:
    """1e-3 of the root-mean-square amplitude that the flat object causes (Parseval), for (modes, H, W)."""
    pixels = probe.shape[-2] * probe.shape[-1]
    return 1e-3 * float((probe.abs().square().sum() / pixels).sqrt())


def object_update(
    canvases: Tensor, probe: Tensor, amplitude: Tensor, where: Layout, good: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Numerator and denominator of one averaged step, before momentum.

    Parameters
    ----------
    canvases : (g, rows, cols) complex
    probe : (modes, H, W) complex
    amplitude : (n, H, W) float
    where : Layout of the n patches

    Returns
    -------
    numerator : (g, rows, cols) complex, sum_j conj(P)(psi' - psi)
    illumination : (g, rows, cols) float, sum_j |P|²
    computed : (n, H, W) float, the amplitudes before the step
    """
    probes = where.shift_probe(probe)
    waves = exit_waves(where.extract(canvases), probes)
    correction, computed = correct_exit_waves(waves, amplitude, amplitude_floor(probe), good)
    numerator = where.place((probes.conj() * correction).sum(dim=1))
    illumination = where.place(probes.abs().square().sum(dim=1))
    return numerator, illumination, computed


def step(numerator: Tensor, illumination: Tensor, velocity: Tensor, probe: Tensor, momentum: float) -> Tensor:
    """Velocity of the next step: m v + numerator / (illumination + 0.05 max|P|²)."""
    peak = probe.abs().square().sum(dim=0).max()
    return momentum * velocity + numerator / (illumination + REGULARISATION * peak)


def polish(
    canvases: Tensor,
    probe: Tensor,
    amplitude: Tensor,
    where: Layout,
    steps: int,
    good: Tensor | None = None,
    momentum: float = TRAINING_MOMENTUM,
) -> Tensor:
    """Averaged projections of patterns that fit in memory; differentiable, for training through them."""
    velocity = torch.zeros_like(canvases)
    for _ in range(steps):
        numerator, illumination, _ = object_update(canvases, probe, amplitude, where, good)
        velocity = step(numerator, illumination, velocity, probe, momentum)
        canvases = canvases + velocity
    return canvases
