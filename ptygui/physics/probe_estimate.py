"""Estimating the probe from the scan itself by a few epochs of the classic update.

Object and probe are improved together by averaged projections over batches of neighbouring patterns (see
physics.projections); the probe's own update is the mirror image of the object's:
P <- P + sum_j conj(O_j)(psi'_j - psi_j) / (max sum_j |O_j|²), as in ePIE.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.likelihood import ResidualSums
from ptygui.physics.patches import Layout, layout
from ptygui.physics.projections import REGULARISATION, amplitude_floor, correct_exit_waves
from ptygui.physics.shift import shift_subpixel


@dataclass(frozen=True)
class ProbeEpoch:
    """The state after one epoch."""

    epoch: int
    probe: Tensor
    """(modes, H, W) complex."""
    canvas: Tensor
    """(rows, cols) complex, the object estimated beside."""
    r1: float


def estimate_probe(
    amplitude: Tensor,
    positions_px: Tensor,
    probe: Tensor,
    *,
    epochs: int,
    batch_size: int = 32,
    object_only_epochs: int = 2,
    good: Tensor | None = None,
    seed: int = 0,
) -> Iterator[ProbeEpoch]:
    """Improve a probe guess; yields after every epoch, so that it can be watched and cancelled.

    Parameters
    ----------
    amplitude : (n, H, W) float, square roots of counts, zero frequency in the centre
    positions_px : (n, 2) float64
    probe : (modes, H, W) complex, scaled so that the flat object is 1
    epochs, batch_size, object_only_epochs : int
        The probe is kept for the first epochs, while the object is still flat.
    good : (H, W) bool or None
    """
    shuffle = torch.Generator().manual_seed(seed)
    whole = layout(positions_px, torch.zeros(len(positions_px), dtype=torch.int64), probe.shape[-2:])
    canvas = torch.ones(whole.canvases, dtype=probe.dtype)
    for epoch in range(epochs):
        sums = ResidualSums()
        order = torch.randperm(len(amplitude), generator=shuffle)
        for batch in order.split(batch_size):
            where = Layout(whole.indices[batch], whole.fractions[batch], whole.canvases, whole.origins)
            canvas, updated = _joint_step(canvas, probe, amplitude[batch], where, good, sums)
            probe = updated if epoch >= object_only_epochs else probe
        yield ProbeEpoch(epoch + 1, probe, canvas[0], sums.r1)


def _joint_step(
    canvas: Tensor, probe: Tensor, amplitude: Tensor, where: Layout, good: Tensor | None, sums: ResidualSums
) -> tuple[Tensor, Tensor]:
    """One averaged step of the object and of the probe, from the same corrections."""
    patches, probes = where.extract(canvas), where.shift_probe(probe)
    correction, computed = correct_exit_waves(
        patches[:, None] * probes, amplitude, amplitude_floor(probe), good
    )
    sums.add(amplitude, computed, good)
    power = where.place(probes.abs().square().sum(dim=1))
    peak = probe.abs().square().sum(dim=0).max()
    object_step = where.place((probes.conj() * correction).sum(dim=1)) / (power + REGULARISATION * peak)
    back = shift_subpixel(correction * patches.conj()[:, None], -where.fractions)
    density = patches.abs().square().sum(dim=0)
    probe_step = back.sum(dim=0) / (density + REGULARISATION * density.max())
    return canvas + object_step, probe + probe_step
