"""How long a step is worth taking in each direction: the preconditioner of the gradient.

The curvature of the data is known but for its coupling: sum_j |P|² for a pixel of the object, sum_j |O|² for
one of the probe. Where those divide the gradient, all details converge alike; what stays behind for hundreds
of epochs are phases that vary slowly over the object, since each pattern tells only the slope of the phase
under its own probe. A phase of frequency k has a curvature smaller by about (k D)², D the diameter of the
probe. So along the phase, d = i O phi, the step is enlarged by the inverse of that factor:

    step = gradient / illumination + i O B[Im(conj(O) gradient)]
    B(k) = k0² / (k² + k0² / gain) exp(-k² / k0²)

with k0 = 1 / D cycles a pixel; symmetric and positive, as a preconditioner must be. `make bench-refine`
prints what it reaches; a test of refinement (test_run.py) compares it with the same steps without B.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.slope import Slope, angular_frequencies, squared_modulus
from ptygui.physics.unknowns import Unknowns

OBJECT_FLOOR = 0.02
"""Share of the largest illumination that is added: what is hardly lit moves slowly."""
PROBE_FLOOR = 0.1
LONG_WAVE_GAIN = 100.0
LIT = 0.3
"""Share of the largest illumination from which on phases are connected."""


@dataclass(frozen=True)
class Metric:
    """Turns gradients into steps.

    Attributes
    ----------
    object, probe, shifts, gains, glow
        Curvature of each part.
    along : (rows, cols) complex
        i O where the object is lit, fading outwards: the direction of its phase.
    long_waves : (rows, cols) float
        B of every frequency, over the curvature.
    """

    object: Tensor
    probe: Tensor
    shifts: Tensor
    gains: Tensor
    glow: Tensor
    along: Tensor
    long_waves: Tensor

    @classmethod
    def at(cls, point: Unknowns, slope: Slope) -> Metric:
        """Make the metric of a point from what its slope found."""
        lit, seen = slope.illumination, slope.sensitivity
        brightest = float(lit.max())
        transparency = float((squared_modulus(point.object) * lit).sum() / lit.sum())
        return cls(
            object=lit + OBJECT_FLOOR * brightest,
            probe=(1 - PROBE_FLOOR) * seen + PROBE_FLOOR * seen.max() + 1e-30,
            shifts=position_stiffness(point.probe) * transparency,
            gains=squared_modulus(point.probe).sum() * transparency,
            glow=torch.full_like(point.glow, len(point.gains)),
            along=1j * point.object * (lit / (LIT * brightest)).clamp(max=1.0),
            long_waves=_long_waves(point, slope),
        )

    def __call__(self, gradient: Unknowns) -> Unknowns:
        """Turn a gradient into the step against which it points."""
        phase = self.along.real * gradient.object.real + self.along.imag * gradient.object.imag
        slow = torch.fft.ifft2(torch.fft.fft2(phase) * self.long_waves).real
        return Unknowns(
            gradient.object / self.object + self.along * slow,
            gradient.probe / self.probe,
            gradient.shifts / self.shifts,
            gradient.gains / self.gains,
            gradient.glow / self.glow,
        )


def _long_waves(point: Unknowns, slope: Slope) -> Tensor:
    device = slope.illumination.device
    down, right = (torch.fft.fftfreq(size, device=device) for size in slope.illumination.shape)
    squared = down[:, None].square() + right[None, :].square()
    edge = 1 / max(diameter_px(point.probe), 2.0) ** 2
    gain: Tensor = edge / (squared + edge / LONG_WAVE_GAIN) * torch.exp(-squared / edge)
    lit = slope.illumination > LIT * slope.illumination.max()
    return gain / float(slope.illumination[lit].mean())


def position_stiffness(probe: Tensor) -> Tensor:
    """Curvature of a position on the flat object: sum of k² |P|² in the far field of the probe, (2,)."""
    power = far_power(probe)
    rows, cols = (angular_frequencies(size, power).square() for size in power.shape)
    return torch.stack([(power.sum(dim=1) * rows).sum(), (power.sum(dim=0) * cols).sum()])


def far_power(probe: Tensor) -> Tensor:
    """Return the flat object's pattern, (H, W), zero frequency at the corner."""
    return squared_modulus(torch.fft.fft2(probe, norm="ortho")).sum(dim=0)


def diameter_px(probe: Tensor) -> float:
    """Diameter of the uniform disk as large as the probe (modes, H, W); twin of core.probe's."""
    intensity = squared_modulus(probe).sum(dim=0).double()
    return 2 * math.sqrt(float(intensity.sum() ** 2 / intensity.square().sum()) / math.pi)
