"""Estimating the probe from the scan itself: object and probe together, by a few epochs of Adam.

Both are free variables of the forward model (Thibault & Guizar-Sicairos, New J. Phys. 14, 063004 (2012), with
Adam instead of conjugate gradients). The residual that is left is no proof of the probe: where the object has
little detail, probe and object can be wrong together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.forward import amplitudes
from ptygui.physics.likelihood import ResidualSums
from ptygui.physics.patches import Layout, layout

RATE = 0.02
"""Step of Adam, relative to the flat object (1) and to the peak of the probe."""


@dataclass(frozen=True)
class ProbeEpoch:
    """The state after one epoch."""

    epoch: int
    probe: Tensor
    """(modes, H, W) complex, in the units of the guess."""
    canvas: Tensor
    """(rows, cols) complex, the object estimated beside."""
    r1: float
    """Relative amplitude residual, averaged over the epoch."""


def estimate_probe(
    amplitude: Tensor,
    positions_px: Tensor,
    probe: Tensor,
    *,
    epochs: int,
    batch_size: int = 32,
    good: Tensor | None = None,
    seed: int = 0,
) -> Iterator[ProbeEpoch]:
    """Improve a probe guess; yields after every epoch, so that it can be watched and cancelled.

    Parameters
    ----------
    amplitude : (n, H, W) float, square roots of counts, zero frequency in the centre
    positions_px : (n, 2) float64, (y, x)
    probe : (modes, H, W) complex, scaled so that the flat object is 1
    epochs, batch_size : int
    good : (H, W) bool or None
        False where a pixel counts nothing.
    """
    if good is not None:
        amplitude = torch.where(good, amplitude, 0.0)  # bad pixels may hold anything, even NaN
    unit = float(amplitude.square().mean().sqrt())
    where = layout(positions_px, torch.zeros(len(positions_px), dtype=torch.int64), amplitude.shape[-2:])
    fit = _JointFit(where.canvases, probe / unit)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(fit.optimiser, epochs, eta_min=0.0)
    shuffle = torch.Generator().manual_seed(seed)
    for epoch in range(epochs):
        sums = ResidualSums()
        for batch in torch.split(torch.randperm(len(amplitude), generator=shuffle), batch_size):
            measured = amplitude[batch] / unit
            sums.add(measured, fit.step(where.subset(batch), measured, good), good)
        decay.step()
        yield ProbeEpoch(epoch + 1, fit.probe.detach() * unit, fit.canvas.detach()[0], sums.r1)


class _JointFit:
    """Object (1, rows, cols) and probe (modes, H, W) as free variables; the object starts flat."""

    def __init__(self, canvas_shape: tuple[int, int, int], probe: Tensor) -> None:
        self.canvas = torch.ones(canvas_shape, dtype=probe.dtype, requires_grad=True)
        self.probe = probe.clone().requires_grad_()
        peak = float(probe.abs().max())
        self.optimiser = torch.optim.Adam(
            [{"params": [self.canvas], "lr": RATE}, {"params": [self.probe], "lr": RATE * peak}]
        )

    def step(self, where: Layout, measured: Tensor, good: Tensor | None) -> Tensor:
        """Move both by the gradient of some patterns (n, H, W); return the amplitudes before the step."""
        computed = amplitudes(where.extract(self.canvas), where.shift_probe(self.probe))
        difference = computed - measured if good is None else (computed - measured) * good
        self.optimiser.zero_grad()
        difference.square().sum().backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return computed.detach()
