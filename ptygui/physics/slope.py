"""How far the unknowns are from the data, and where it goes downhill: value, gradient and curvature.

With psi_jm = O(r + x_j) P_m, F = FFT(psi), computed amplitude m = sqrt(g_j² sum_m |F_m|² + b²) and measured
counts n = A², what is minimised is, summed over patterns and good pixels,

    amplitude:  (m - A)²
    Poisson:    (m² - n - n log(m² / n)) / 2         (both agree where m is near A)

(Thibault & Guizar-Sicairos, New J. Phys. 14, 063004 (2012), eqs. 5 to 8). Its half gradient by conj(F) is
w g² F, with w = 1 - A / m and w = (1 - n / m²) / 2. The curvature of the object is sum_j |P|², that of
the probe sum_j |O|², as in ePIE's step (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)).

Only moduli matter on the detector, so nothing is shifted between centre and corner: amplitudes come with
zero frequency at [0, 0].
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.names import Likelihood
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.physics.windows import Windows

TINY = 1e-12
"""Keeps quotients finite where nothing is computed or measured; in counts."""
FLOOR: dict[Likelihood, float] = {"amplitude": TINY, "poisson": 1e-2}
"""Counts that every pixel expects besides. A Poisson likelihood needs some: one count where none is expected
would outweigh everything else."""


@dataclass(frozen=True)
class Measured:
    """Some patterns on the device.

    Attributes
    ----------
    indices : (b,) int64
    amplitude : (b, H, W) float
        Square roots of counts, zero frequency at the corner [0, 0], zero where not good.
    """

    indices: Tensor
    amplitude: Tensor

    def part(self, part: slice) -> Measured:
        """Return some of them."""
        return Measured(self.indices[part], self.amplitude[part])

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True)
class Setting:
    """What stays fixed while the unknowns are looked for."""

    windows: Windows
    likelihood: Likelihood = "amplitude"
    good: Tensor | None = None
    """(H, W) bool, zero frequency at the corner; None: all pixels are good."""


@dataclass
class Tally:
    """How far each pattern is explained, where it was looked at.

    Attributes
    ----------
    values : (n,) float64
        What is minimised.
    absolute, squared : (n,) float64
        sum |m - A| and sum (m - A)².
    demands : float
        What regularisation adds to what is minimised.
    """

    values: Tensor
    absolute: Tensor
    squared: Tensor
    demands: float = 0.0

    @classmethod
    def empty(cls, patterns: int, device: torch.device) -> Tally:
        """Begin to count."""
        zeros = torch.zeros(patterns, dtype=torch.float64, device=device)
        return cls(zeros, zeros.clone(), zeros.clone())

    def add(self, look: Look) -> None:
        """Add a batch."""
        self.values[look.indices] = look.values
        self.absolute[look.indices] = look.absolute
        self.squared[look.indices] = look.squared

    @property
    def misfit(self) -> float:
        """How far the data are from being explained."""
        return float(self.values.sum())

    @property
    def value(self) -> float:
        """All that is minimised."""
        return self.misfit + self.demands


@dataclass
class Slope:
    """Sums over patterns: add batch after batch.

    Attributes
    ----------
    gradient : Unknowns
        Half of it: that of Re <gradient, dx> = df / 2.
    illumination : (rows, cols) float
        sum_j |P|², curvature of the object.
    sensitivity : (H, W) float
        sum_j |O|², curvature of the probe.
    probe_spectrum : (modes, H, W) complex
        The gradient of the probe before its way back from the far field.
    tally : Tally
    """

    gradient: Unknowns
    illumination: Tensor
    sensitivity: Tensor
    probe_spectrum: Tensor
    tally: Tally

    @classmethod
    def empty(cls, at: Unknowns) -> Slope:
        """Begin to sum for these unknowns."""
        return cls(
            at.zeros(),
            torch.zeros_like(at.object.real),
            torch.zeros_like(at.glow),
            torch.zeros_like(at.probe),
            Tally.empty(len(at.gains), at.gains.device),
        )

    def add(self, look: Look) -> None:
        """Add what a batch says."""
        gradient, chosen = self.gradient, look.indices
        self.tally.add(look)
        look.windows.add(gradient.object, look.object, look.addresses)
        look.windows.add(self.illumination, look.illumination, look.addresses)
        if look.probe is not None and look.sensitivity is not None:
            self.probe_spectrum += look.probe
            self.sensitivity += look.sensitivity
        if look.shifts is not None:
            gradient.shifts[chosen] = look.shifts
        gradient.gains[chosen] = look.gains
        gradient.glow.add_(look.glow)

    def finish(self, free: Free) -> Slope:
        """Bring the probe's gradient back from the far field, and drop what may not move."""
        gradient = self.gradient
        if free.probe:
            gradient.probe.copy_(torch.fft.ifft2(self.probe_spectrum))
        for part, moves in (
            (gradient.shifts, free.positions),
            (gradient.object, free.object),
            (gradient.gains, free.gains),
            (gradient.glow, free.glow),
        ):
            if not moves:
                part.zero_()
        return self


@dataclass(frozen=True)
class Look:
    """What one batch says; making it changes nothing, so it can be tried again in smaller pieces."""

    windows: Windows
    indices: Tensor
    addresses: Tensor
    values: Tensor
    absolute: Tensor
    squared: Tensor
    object: Tensor
    illumination: Tensor
    probe: Tensor | None
    sensitivity: Tensor | None
    shifts: Tensor | None
    gains: Tensor
    glow: Tensor


def look(at: Unknowns, batch: Measured, setting: Setting, free: Free) -> Look:
    """Compute what a batch adds to the slope.

    Parameters
    ----------
    at : Unknowns
    batch : Measured
    setting : Setting
    free : Free
        The gradients of probe and positions are left out where neither is free: they cost a transform.
    """
    where, chosen = setting.windows, batch.indices
    addresses = where.addresses(chosen)
    patches = where.cut(at.object, addresses)[:, None]
    factors = where.shift_factors(where.rests[chosen] + at.shifts[chosen])
    spectrum = torch.fft.fft2(at.probe)
    probes = torch.fft.ifft2(spectrum * factors)
    far = torch.fft.fft2(patches * probes, norm="ortho")
    gain = at.gains[chosen, None, None]
    power = squared_modulus(far).sum(dim=1)
    computed = (power * gain.square() + (at.glow.square() + FLOOR[setting.likelihood])).sqrt_()
    difference, weight, values = compare(computed, batch.amplitude, setting)
    waves = torch.fft.ifft2(far * (weight * gain.square())[:, None], norm="ortho")
    probe = sensitivity = shifts = None
    if free.beam:
        change = torch.fft.fft2(patches.conj() * waves) * factors.conj()
        probe = change.sum(dim=0)
        sensitivity = squared_modulus(patches).sum(dim=(0, 1))
        shifts = along_shifts(change, spectrum) if free.positions else None
    return Look(
        where, chosen, addresses, values,
        difference.abs().sum(dim=(1, 2), dtype=torch.float64),
        difference.square().sum(dim=(1, 2), dtype=torch.float64),
        (probes.conj() * waves).sum(dim=1), squared_modulus(probes).sum(dim=1),
        probe, sensitivity, shifts,
        (weight * power).sum(dim=(1, 2)) * at.gains[chosen], weight.sum(dim=0) * at.glow,
    )  # fmt: skip


def compare(computed: Tensor, measured: Tensor, setting: Setting) -> tuple[Tensor, Tensor, Tensor]:
    """Compare amplitudes (b, H, W): difference, weight w of the gradient, and values (b,) float64."""
    difference = computed - measured
    if setting.good is not None:
        difference = difference * setting.good
    if setting.likelihood == "amplitude":
        return difference, difference / computed, difference.square().sum(dim=(1, 2), dtype=torch.float64)
    weight = 0.5 * difference * (computed + measured) / computed.square()
    counts = measured.square()
    logarithm = torch.xlogy(counts, counts / computed.square())
    deviance = difference * (computed + measured) + (
        logarithm if setting.good is None else logarithm * setting.good
    )
    return difference, weight, 0.5 * deviance.sum(dim=(1, 2), dtype=torch.float64)


def squared_modulus(values: Tensor) -> Tensor:
    """|z|² without a square root."""
    return values.real.square() + values.imag.square()


def along_shifts(change: Tensor, spectrum: Tensor) -> Tensor:
    """Half gradient by the positions, (b, 2): Re <dP, -i k P> in the far field of the probe (Parseval)."""
    height, width = spectrum.shape[-2:]
    moved = (change.conj() * spectrum).imag.sum(dim=1) / (height * width)
    rows, cols = angular_frequencies(height, moved), angular_frequencies(width, moved)
    return torch.stack([moved.sum(dim=2) @ rows, moved.sum(dim=1) @ cols], dim=1)


def angular_frequencies(size: int, like: Tensor) -> Tensor:
    """2 pi k of an axis in radians per pixel, (size,), zero at the Nyquist frequency of even sizes."""
    frequencies: Tensor = 2 * torch.pi * torch.fft.fftfreq(size, dtype=like.dtype, device=like.device)
    if size % 2 == 0:
        frequencies[size // 2] = 0
    return frequencies
