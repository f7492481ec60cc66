"""Spectral convolution against its definition, and the other pieces of the networks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ptygui.generators.layers import PatchHead, SpectralConv, decoder_block, level_modes


def plane_wave(row_frequency: int, col_frequency: int, size: int) -> Tensor:
    """cos(2 pi (k y + l x) / N), (1, 1, N, N)."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return torch.cos(2 * torch.pi * (row_frequency * y + col_frequency * x) / size)[None, None]


def by_definition(layer: SpectralConv, x: Tensor) -> Tensor:
    """The layer frequency by frequency, in complex numbers."""
    height, width = x.shape[-2:]
    spectrum = torch.fft.rfft2(x)
    weight = torch.complex(layer.weight[0], layer.weight[1])
    filtered = torch.zeros(x.shape[0], weight.shape[-1], *spectrum.shape[-2:], dtype=spectrum.dtype)
    for row in range(layer.modes):
        for col in range(layer.modes):
            filtered[:, :, row, col] = spectrum[:, :, row, col] @ weight[0, row, col]
            if layer.corners == 2:
                negative = row - layer.modes
                filtered[:, :, negative, col] = spectrum[:, :, negative, col] @ weight[1, row, col]
    return torch.fft.irfft2(filtered, s=(height, width))


@pytest.mark.parametrize("one_corner", [False, True])
@pytest.mark.parametrize("shape", [(16, 16), (24, 16), (17, 21)])
def test_spectral_convolution_is_its_definition(shape: tuple[int, int], one_corner: bool) -> None:
    layer = SpectralConv(3, 5, 4, one_corner=one_corner)
    x = torch.randn(2, 3, *shape)
    torch.testing.assert_close(layer(x), by_definition(layer, x), atol=1e-6, rtol=1e-5)


@given(row=st.integers(-3, 3), col=st.integers(1, 3))
@settings(deadline=None)
def test_low_frequencies_of_both_signs_pass(row: int, col: int) -> None:
    layer = SpectralConv(1, 1, 4)
    assert layer(plane_wave(row, col, 16)).abs().max() > 1e-3


def test_one_corner_is_blind_to_negative_row_frequencies() -> None:
    layer = SpectralConv(1, 1, 4, one_corner=True)
    assert layer(plane_wave(2, 3, 16)).abs().max() > 1e-3
    assert layer(plane_wave(-2, 3, 16)).abs().max() < 1e-6


@pytest.mark.parametrize(("row", "col"), [(5, 1), (1, 5), (-5, 1), (6, 6)])
def test_high_frequencies_do_not_pass(row: int, col: int) -> None:
    assert SpectralConv(1, 1, 4)(plane_wave(row, col, 16)).abs().max() < 1e-6


def test_gradient_reaches_the_weights_of_both_corners() -> None:
    layer = SpectralConv(2, 2, 3)
    layer(torch.randn(1, 2, 16, 16)).square().sum().backward()
    assert layer.weight.grad is not None
    # the imaginary part of the mean (frequency 0, 0) is the only weight without effect
    per_frequency = layer.weight.grad.abs().sum(dim=(0, 4, 5))
    assert (per_frequency > 0).all()


@given(seed=st.integers(0, 100), modes=st.integers(1, 4))
@settings(deadline=None, max_examples=20)
def test_the_same_image_at_twice_the_sampling_gives_the_same_function(seed: int, modes: int) -> None:
    torch.manual_seed(seed)
    layer = SpectralConv(2, 2, modes)
    coarse = torch.randn(1, 2, 16, 16)
    spectrum = torch.fft.rfft2(coarse)
    spectrum[:, :, 8], spectrum[:, :, :, 8] = 0, 0  # the Nyquist frequency has no sign
    coarse = torch.fft.irfft2(spectrum, s=(16, 16))
    rows = torch.fft.fftfreq(16, 1 / 16).long()
    fine_spectrum = torch.zeros(1, 2, 32, 17, dtype=spectrum.dtype)
    fine_spectrum[:, :, rows, :9] = 4 * spectrum
    fine = torch.fft.irfft2(fine_spectrum, s=(32, 32))
    torch.testing.assert_close(layer(fine)[..., ::2, ::2], layer(coarse), atol=1e-5, rtol=1e-4)


def test_an_image_with_fewer_frequencies_uses_those_that_exist() -> None:
    large = SpectralConv(2, 3, 6)
    small = SpectralConv(2, 3, 4)
    with torch.no_grad():
        small.weight[:, 0] = large.weight[:, 0, :4, :4]
        small.weight[:, 1] = large.weight[:, 1, 2:, :4]  # rows -4..-1 of -6..-1
    image = torch.fft.irfft2(torch.fft.rfft2(torch.randn(1, 2, 8, 8))[..., :4], s=(8, 8))
    torch.testing.assert_close(large(image), small(image))


@pytest.mark.parametrize("shape", [(2, 2), (4, 4), (6, 10), (2, 8)])
def test_tiny_images_pass(shape: tuple[int, int]) -> None:
    out = SpectralConv(1, 2, 12)(torch.randn(3, 1, *shape))
    assert out.shape == (3, 2, *shape)
    assert out.isfinite().all()


@pytest.mark.parametrize(
    ("size", "level", "modes", "kept"),
    [(64, 0, 12, 12), (64, 1, 12, 8), (64, 3, 12, 2), (32, 3, 12, 1), (8, 2, 12, 1)],
)
def test_modes_of_a_level(size: int, level: int, modes: int, kept: int) -> None:
    assert level_modes(size, level, modes) == kept


def test_a_normalised_decoder_block_cannot_die() -> None:
    """The failure of the historical network: pre-activations driven far below zero turn every GELU off."""
    x = torch.randn(2, 4, 16, 16)
    for norm, alive in ((True, True), (False, False)):
        block = decoder_block(4, 4, norm=norm)
        first = block[0]
        with torch.no_grad():
            first.bias.fill_(-100)
        block(x).square().sum().backward()
        assert bool(first.weight.grad.abs().max() > 0) is alive


@pytest.mark.parametrize(("flat_start", "is_flat"), [(True, True), (False, False)])
def test_head_starts_at_the_flat_object_if_asked(flat_start: bool, is_flat: bool) -> None:
    patch = PatchHead(3, flat_start=flat_start)(torch.randn(2, 3, 8, 8))
    assert patch.shape == (2, 8, 8)
    assert patch.dtype == torch.complex64
    assert bool((patch == 1).all()) is is_flat
