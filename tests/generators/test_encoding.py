"""Encodings against what the forward model says of objects that can be solved by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ptygui.generators.contract import CHANNELS, Encoding
from ptygui.generators.encoding import Encoder

SIZE = 24
ENCODINGS: list[Encoding] = ["amplitude", "projected"]


def make_probe(modes: int = 1, photons: float = 1e5) -> Tensor:
    """A diffuser's speckled illumination, one mode tilted against the next, (modes, SIZE, SIZE) complex64.

    Its far field is nowhere so dark that rounding decides on its phase.
    """
    y, x = torch.meshgrid(*2 * [torch.arange(SIZE) - SIZE // 2], indexing="ij")
    tilts = torch.arange(modes)[:, None, None]
    speckle = torch.randn(SIZE, SIZE, generator=torch.Generator().manual_seed(1), dtype=torch.complex64)
    probe = torch.exp(-(x**2 + y**2) / 40) * speckle * torch.exp(0.5j * tilts * x)
    return (probe * math.sqrt(photons) / probe.abs().square().sum().sqrt()).to(torch.complex64)


def measure(patches: Tensor, probe: Tensor) -> Tensor:
    """Amplitudes on the detector, by numpy's FFT: (b, H, W)."""
    waves = (patches[:, None] * probe).numpy()
    axes = (-2, -1)
    far = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(waves, axes=axes), norm="ortho"), axes=axes)
    return torch.from_numpy(np.sqrt((np.abs(far) ** 2).sum(axis=1))).float()


def random_patches(count: int = 3) -> Tensor:
    return (1 + 0.2 * torch.randn(count, SIZE, SIZE, dtype=torch.complex64)).to(torch.complex64)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("modes", [1, 3])
def test_channels(encoding: Encoding, modes: int) -> None:
    probe = make_probe(modes)
    encoded = Encoder(encoding, probe)(measure(random_patches(5), probe))
    assert encoded.shape == (5, CHANNELS[encoding], SIZE, SIZE)
    assert encoded.dtype == torch.float32


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("modes", [1, 3])
@pytest.mark.parametrize("photons", [1e3, 1e9])
def test_the_flat_object_has_unit_modulus_and_no_deviation(
    encoding: Encoding, modes: int, photons: float
) -> None:
    probe = make_probe(modes, photons)
    encoded = Encoder(encoding, probe)(measure(torch.ones(1, SIZE, SIZE), probe))[0]
    assert float(encoded[0].square().mean().sqrt()) == pytest.approx(1, rel=1e-4)
    assert encoded[1:].abs().max() < 1e-4 if encoding == "projected" else len(encoded) == 1


@pytest.mark.parametrize("modes", [1, 3])
@pytest.mark.parametrize("transmission", [0.5, 0.9, 1.2])
def test_a_uniform_absorber_is_projected_onto_itself(modes: int, transmission: float) -> None:
    """A = t |F| gives psi' = t P, hence O1 - 1 = (t - 1) |P|² / max |P|²."""
    probe = make_probe(modes)
    encoded = Encoder("projected", probe)(measure(torch.full((1, SIZE, SIZE), transmission), probe))[0]
    power = probe.abs().square().sum(dim=0)
    expected = 4 * (transmission - 1) * power / power.max()
    torch.testing.assert_close(encoded[1], expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(encoded[2], torch.zeros(SIZE, SIZE), atol=1e-4, rtol=0)


def test_one_mode_is_the_formula() -> None:
    probe = make_probe().numpy()[0].astype(complex)
    amplitude = measure(random_patches(1), make_probe())

    def fft(wave: np.ndarray, transform: object) -> np.ndarray:
        return np.fft.fftshift(transform(np.fft.ifftshift(wave), norm="ortho"))

    far = fft(probe, np.fft.fft2)
    back = fft(amplitude[0].numpy() * far / np.abs(far), np.fft.ifft2)
    deviation = 4 * probe.conj() / (np.abs(probe) ** 2).max() * (back - probe)
    k = 1 / np.sqrt((np.abs(far) ** 2).mean())
    rms = np.sqrt((np.log1p(k * np.abs(far)) ** 2).mean())
    expected = np.stack([np.log1p(k * amplitude[0].numpy()) / rms, deviation.real, deviation.imag])
    encoded = Encoder("projected", make_probe())(amplitude)[0].numpy()
    np.testing.assert_allclose(encoded, expected, atol=1e-4, rtol=1e-4)


def test_a_mode_split_in_two_is_the_same_probe() -> None:
    probe = make_probe()
    split = torch.cat([0.6 * probe, 0.8j * probe])
    amplitude = measure(random_patches(), probe)
    torch.testing.assert_close(
        Encoder("projected", split)(amplitude), Encoder("projected", probe)(amplitude), atol=1e-4, rtol=1e-4
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_pattern_is_encoded_alike_in_any_batch(encoding: Encoding) -> None:
    probe = make_probe(2)
    amplitude = measure(random_patches(4), probe)
    encoder = Encoder(encoding, probe)
    torch.testing.assert_close(encoder(amplitude)[2:3], encoder(amplitude[2:3]))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_number_of_photons_does_not_matter(encoding: Encoding) -> None:
    patches = random_patches()
    faint, bright = make_probe(photons=1e4), make_probe(photons=1e8)
    torch.testing.assert_close(
        Encoder(encoding, faint)(measure(patches, faint)),
        Encoder(encoding, bright)(measure(patches, bright)),
        atol=1e-4,
        rtol=1e-4,
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rubbish", [0.0, 65535.0, math.nan])
def test_bad_pixels_look_like_the_flat_object(encoding: Encoding, rubbish: float) -> None:
    probe = make_probe()
    bad = torch.rand(SIZE, SIZE) < 0.1
    flat = measure(torch.ones(1, SIZE, SIZE), probe)
    amplitude = measure(random_patches(), probe)
    encoder = Encoder(encoding, probe, bad)
    encoded = encoder(torch.where(bad, torch.tensor(rubbish), amplitude))
    torch.testing.assert_close(encoded, encoder(torch.where(bad, flat, amplitude)), atol=1e-4, rtol=1e-4)
    assert encoded.isfinite().all()


def test_a_dark_detector_stays_finite() -> None:
    probe = torch.zeros(1, SIZE, SIZE, dtype=torch.complex64)
    probe[0, SIZE // 2, SIZE // 2] = 1 + 0j
    probe[0, SIZE // 2, SIZE // 2 + SIZE // 2 - 1] = 1  # its far field has exact zeros
    assert Encoder("projected", probe)(torch.zeros(2, SIZE, SIZE)).isfinite().all()


def test_an_encoder_moves_but_is_no_part_of_a_checkpoint() -> None:
    encoder = Encoder("projected", make_probe(2), torch.zeros(SIZE, SIZE, dtype=torch.bool))
    assert encoder.state_dict() == {}
    assert list(encoder.parameters()) == []
    assert encoder.to("meta")(torch.empty(2, SIZE, SIZE, device="meta")).shape == (2, 3, SIZE, SIZE)
