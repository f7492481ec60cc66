"""Blocks of `hybrid` and `stable_hybrid`, and what their options do."""

from __future__ import annotations

import torch
from torch import nn

from ptygui.generators.hybrid import HybridBlock
from ptygui.generators.registry import create_generator
from ptygui.generators.stable_hybrid import StablePtychoBlock


def test_blocks_keep_the_shape() -> None:
    x = torch.randn(2, 6, 16, 24)
    assert HybridBlock(6, 4)(x).shape == x.shape
    assert StablePtychoBlock(6, 4)(x).shape == x.shape


def test_stable_block_starts_near_the_identity() -> None:
    x = torch.randn(4, 16, 64, 64)
    y = StablePtychoBlock(16, 12)(x)
    torch.testing.assert_close(y, x, atol=1e-2, rtol=0)
    assert (y != x).any()


def test_hybrid_block_does_not() -> None:
    x = torch.randn(4, 16, 64, 64)
    assert (HybridBlock(16, 12)(x) - x).abs().max() > 0.1


def test_stable_block_is_its_formula() -> None:
    block = StablePtychoBlock(3, 4, gate_init=0.5)
    x = torch.randn(2, 3, 16, 16)
    branch = nn.functional.gelu(block.mix.spectral(x) + block.mix.spatial(x))
    mean = branch.mean(dim=(2, 3), keepdim=True)
    variance = branch.var(dim=(2, 3), keepdim=True, unbiased=False)
    expected = x + 0.5 * (branch - mean) / (variance + 1e-5).sqrt()
    torch.testing.assert_close(block(x), expected, atol=1e-5, rtol=1e-5)


def test_gate_and_norm_start_as_defined() -> None:
    block = StablePtychoBlock(5, 4)
    assert block.layerscale is not None
    assert block.layerscale.shape == (5, 1, 1)
    assert (block.layerscale == 1e-3).all()
    assert (block.norm.weight == 1).all()
    assert (block.norm.bias == 0).all()


def test_gradient_flows_through_the_gate() -> None:
    block = StablePtychoBlock(5, 4)
    x = torch.randn(2, 5, 16, 16)
    (block(x) - torch.randn(2, 5, 16, 16)).square().mean().backward()
    for name, parameter in block.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_zero_gamma_has_no_gate_and_starts_as_the_identity() -> None:
    block = StablePtychoBlock(5, 4, norm_init="zero-gamma")
    x = torch.randn(2, 5, 16, 16)
    assert block.layerscale is None
    assert (block.norm.weight == 0).all()
    assert (block(x) == x).all()
    assert "layerscale" not in block.state_dict()


def test_zero_gamma_starves_the_convolutions() -> None:
    block = StablePtychoBlock(5, 4, norm_init="zero-gamma")
    block(torch.randn(2, 5, 16, 16)).square().sum().backward()
    assert block.mix.spatial.weight.grad is not None
    assert (block.mix.spatial.weight.grad == 0).all()


def test_options_reach_every_block() -> None:
    options = {"one_corner": True, "norm_init": "zero-gamma", "levels": 3, "width": 4}
    network = create_generator("stable_hybrid", 1, 32, **options)
    blocks = [module for module in network.modules() if isinstance(module, StablePtychoBlock)]
    assert len(blocks) == 4  # three levels and the bottleneck
    assert all(block.layerscale is None and block.mix.spectral.corners == 1 for block in blocks)


def test_decoder_is_normalised_before_each_gelu_unless_historical() -> None:
    for wanted in (True, False):
        network = create_generator("stable_hybrid", 3, 32, width=4, decoder_norm=wanted)
        for block in network.decoder:
            kinds = [type(layer) for layer in block]
            before_gelu = kinds[kinds.index(nn.GELU) - 1]
            assert (before_gelu is nn.GroupNorm) is wanted
            assert not wanted or block[1].num_groups == 1


def test_reference_sizes() -> None:
    """What the prototypes had: 1.78 M and 1.77 M parameters at N=64, 4.46 M at N=128 (width 16, 4 levels)."""

    def millions(name: str, size: int) -> float:
        with torch.device("meta"):
            network = create_generator(name, 3, size)
        return round(sum(p.numel() for p in network.parameters()) / 1e6, 2)

    assert millions("stable_hybrid", 64) == 1.78
    assert millions("hybrid", 64) == 1.77
    assert millions("stable_hybrid", 128) == 4.46
