"""From measured amplitudes (and the probe) to the channels that a generator sees.

Everything that normalises is taken from the probe alone, once: an encoder treats all patterns of a scan
alike, whatever batch they come in. The probe is scaled so that the flat object is 1 (contract.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ptygui.generators.contract import Encoding
from ptygui.physics.propagate import from_detector, to_detector

OBJECT_GAIN = 4.0
"""Brings the projected object's deviation from flat near to 1."""


class Encoder(nn.Module):
    """Measured amplitudes (b, H, W) float32 -> network input (b, C, H, W) float32.

    'amplitude', one channel: A / rms|F|, with F the detector wave of the flat object, `|F|² = sum_m |F_m|²`
    over the modes m of the probe.

    'projected', three channels: log1p(A / rms|F|), divided by its root mean square for the flat object; real
    and imaginary part of 4 (O1 - 1), O1 being one projection of the flat object onto the measured modulus,

        O1 = 1 + sum_m conj(P_m) (psi'_m - P_m) / max sum_m |P_m|²,   psi'_m = F^-1(A F_m / |F|).

    That is the step of ePIE (Maiden & Rodenburg, Ultramicroscopy 109, 1256 (2009)) from a flat start; it
    brings the pattern into real space and tells the network of the probe.

    Parameters
    ----------
    encoding : 'amplitude' or 'projected'
    probe : (modes, H, W) complex64
    bad_pixels : (H, W) bool or None
        True where the detector measures nothing: there the flat object's amplitude stands in.
    """

    flat_modulus: Tensor
    unit_waves: Tensor
    back_projection: Tensor
    bad_pixels: Tensor

    def __init__(self, encoding: Encoding, probe: Tensor, bad_pixels: Tensor | None = None) -> None:
        super().__init__()
        self.encoding = encoding
        # Double precision on the CPU: where |F| is tiny, its phase must not depend on a device's rounding.
        exact = probe.detach().cpu().to(torch.complex128)
        waves = to_detector(exact)
        flat_modulus = _root_of_power(waves)  # (H, W)
        self.amplitude_scale = float(_rms(flat_modulus))
        self.log_scale = float(_rms(torch.log1p(flat_modulus / self.amplitude_scale)))
        peak_power = _root_of_power(exact).square().max()
        if bad_pixels is None:
            bad_pixels = torch.zeros(flat_modulus.shape, dtype=torch.bool)
        self._keep("flat_modulus", flat_modulus.float())
        self._keep("unit_waves", (waves / flat_modulus.clamp_min(1e-30)).to(torch.complex64))
        self._keep("back_projection", (exact.conj() / peak_power).to(torch.complex64))
        self._keep("bad_pixels", bad_pixels)
        self.to(probe.device)

    def _keep(self, name: str, value: Tensor) -> None:
        """Let `.to(device)` move it, but keep it out of checkpoints: it belongs to the scan."""
        self.register_buffer(name, value, persistent=False)

    def forward(self, amplitude: Tensor) -> Tensor:
        """Encode amplitudes sqrt(counts), (b, H, W), zero frequency in the centre."""
        amplitude = torch.where(self.bad_pixels, self.flat_modulus, amplitude)
        relative = amplitude / self.amplitude_scale
        if self.encoding == "amplitude":
            return relative[:, None]
        deviation = OBJECT_GAIN * self._project(amplitude)
        return torch.stack([torch.log1p(relative) / self.log_scale, deviation.real, deviation.imag], dim=1)

    def _project(self, amplitude: Tensor) -> Tensor:
        """O1 - 1, (b, H, W) complex; linear in A - |F|, so that the flat object gives exactly zero."""
        surplus = (amplitude - self.flat_modulus)[:, None] * self.unit_waves  # (b, modes, H, W)
        return (self.back_projection * from_detector(surplus)).sum(dim=1)


def _root_of_power(waves: Tensor) -> Tensor:
    """sqrt(sum_m |wave_m|²), (modes, H, W) -> (H, W)."""
    return (waves.real.square() + waves.imag.square()).sum(dim=0).sqrt()


def _rms(image: Tensor) -> Tensor:
    return image.square().mean().sqrt()
