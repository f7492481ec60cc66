"""Which way a batch of patterns goes: the directions of object, probe and positions, before their lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.exit_waves import Lit, overlaid
from ptygui.physics.metric import position_stiffness
from ptygui.physics.slope import along_shifts
from ptygui.physics.unknowns import Free, Unknowns

Weigh = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Downhill:
    """Directions to be subtracted; those of the probe and of the positions are None where they are fixed.

    Attributes
    ----------
    lit : Lit
    light : (b, H, W) float
        |P|², moved to where each pattern is.
    pull : (b, H, W) complex
        sum_m conj(P_m) chi_m.
    object : (b, H, W) complex
        The same by w: what each pattern adds to the direction.
    probe_pull, probe : (modes, H, W) complex or None
        sum_j conj(O_j) chi_j, and the same by w.
    shifts : (b, 2) float or None
    """

    lit: Lit
    light: Tensor
    pull: Tensor
    object: Tensor
    probe_pull: Tensor | None = None
    probe: Tensor | None = None
    shifts: Tensor | None = None


def downhill(at: Unknowns, lit: Lit, chi: Tensor, free: Free, weigh: Weigh, scratch: Tensor) -> Downhill:
    """Find the way.

    Parameters
    ----------
    at : Unknowns
    lit : Lit
    chi : (b, modes, H, W) complex
        Excess of the exit waves over those of the measured modulus.
    free : Free
    weigh : callable
        Given the sum of a curvature over the batch and the largest of one pattern, returns w.
    scratch : (rows, cols) float, for `overlaid`
    """
    pull, light = lit.to_object(chi), lit.light
    around = weigh(overlaid(light, lit.addresses, scratch), light.max())
    towards = pull * around.reciprocal()  # quicker than a complex quotient
    if not free.beam:
        return Downhill(lit, light, pull, towards)
    change, seen = lit.to_probe(chi), lit.seen
    probe_pull = probe = shifts = None
    if free.probe:
        probe_pull = torch.fft.ifft2(change.sum(dim=0))
        probe = probe_pull / weigh(seen.sum(dim=0), seen.max())
    if free.positions:
        transparency = (seen * light).sum(dim=(1, 2)) / light.sum(dim=(1, 2))
        stiffness = position_stiffness(at.probe) * transparency[:, None]
        shifts = along_shifts(change, lit.spectrum) / stiffness
    return Downhill(lit, light, pull, towards, probe_pull, probe, shifts)
