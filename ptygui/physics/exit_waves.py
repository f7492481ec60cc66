"""Exit waves on their way to the detector: what the classic updates share.

psi_jm = O(r + x_j) P_m, F = FFT(psi), computed amplitude m = sqrt(g_j² sum_m |F_m|² + b²). The projection
onto the measured amplitude A keeps the phases, and the shares of the modes (Thibault & Menzel, Nature 494, 68
(2013)):

    F' = F A / m = F (1 - e),  e = (m - A) / m, and e = 0 where a pixel is not good

Nothing is shifted between centre and corner, as in physics.slope; the transforms are unitary, so that a
projection is one on either side.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.slope import FLOOR, Measured, Setting, Tally, compare, squared_modulus
from ptygui.physics.unknowns import Unknowns
from ptygui.physics.windows import Windows


@dataclass(frozen=True)
class Lit:
    """Windows of the object under the probe.

    Attributes
    ----------
    addresses : (b H W,) int64
    patches : (b, 1, H, W) complex
    probes : (b, modes, H, W) complex
        Moved to where they are, to the fraction of a pixel.
    factors : (b, 1, H, W) complex
        What moved their spectra.
    spectrum : (modes, H, W) complex
        Of the probe that was not moved.
    """

    addresses: Tensor
    patches: Tensor
    probes: Tensor
    factors: Tensor
    spectrum: Tensor

    @property
    def waves(self) -> Tensor:
        """Exit waves, (b, modes, H, W)."""
        return self.patches * self.probes

    @property
    def light(self) -> Tensor:
        """Intensity of the probes, (b, H, W): the curvature of the object."""
        return squared_modulus(self.probes).sum(dim=1)

    @property
    def seen(self) -> Tensor:
        """|O|² of the patches, (b, H, W): the curvature of the probe."""
        return squared_modulus(self.patches[:, 0])

    def to_object(self, waves: Tensor) -> Tensor:
        """Bring a change of the waves to the object: sum_m conj(P_m) waves_m, (b, H, W)."""
        return (self.probes.conj() * waves).sum(dim=1)

    def to_probe(self, waves: Tensor) -> Tensor:
        """Bring a change of the waves to the spectrum of the probe, moved back: (b, modes, H, W)."""
        spectra: Tensor = torch.fft.fft2(self.patches.conj() * waves)
        return spectra * self.factors.conj()


@dataclass(frozen=True)
class Figures:
    """How far some patterns are explained; attributes as of `Tally`."""

    indices: Tensor
    values: Tensor
    absolute: Tensor
    squared: Tensor

    def add_to(self, tally: Tally) -> None:
        """Count them."""
        tally.values[self.indices] = self.values
        tally.absolute[self.indices] = self.absolute
        tally.squared[self.indices] = self.squared


def illuminate(at: Unknowns, chosen: Tensor, where: Windows) -> Lit:
    """Put the probe where some patterns (b,) were taken."""
    addresses = where.addresses(chosen)
    factors = where.shift_factors(where.rests[chosen] + at.shifts[chosen])
    spectrum = torch.fft.fft2(at.probe)
    patches = where.cut(at.object, addresses)[:, None]
    return Lit(addresses, patches, torch.fft.ifft2(spectrum * factors), factors, spectrum)


def to_far(waves: Tensor) -> Tensor:
    """Propagate to the detector."""
    far: Tensor = torch.fft.fft2(waves, norm="ortho")
    return far


def from_far(far: Tensor) -> Tensor:
    """Propagate back."""
    waves: Tensor = torch.fft.ifft2(far, norm="ortho")
    return waves


def confront(far: Tensor, at: Unknowns, batch: Measured, setting: Setting) -> tuple[Tensor, Figures]:
    """Compare far fields (b, modes, H, W) with what was measured.

    Returns
    -------
    excess : (b, 1, H, W) float
        e of the module text: far * (1 - excess) is the projection. The same for each likelihood.
    figures : Figures
    """
    gain = at.gains[batch.indices, None, None]
    power = squared_modulus(far).sum(dim=1)
    computed = (power * gain.square() + (at.glow.square() + FLOOR[setting.likelihood])).sqrt_()
    difference, _, values = compare(computed, batch.amplitude, setting)
    figures = Figures(
        batch.indices,
        values,
        difference.abs().sum(dim=(1, 2), dtype=torch.float64),
        difference.square().sum(dim=(1, 2), dtype=torch.float64),
    )
    return (difference / computed)[:, None], figures


def overlaid(stack: Tensor, addresses: Tensor, scratch: Tensor) -> Tensor:
    """Sum windows (b, H, W) where they lie on each other, and cut the sum out again.

    `scratch`, as large as the object, may hold anything: only what is written here is read.
    """
    flat = scratch.view(-1)
    flat.index_fill_(0, addresses, 0)
    flat.index_add_(0, addresses, stack.reshape(-1))
    return flat.index_select(0, addresses).reshape(stack.shape)
