"""Which units are on: found in every architecture, counted rightly."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ptygui.generators.registry import create_generator, list_generators
from ptygui.train.activations import UnitsOn, gates_and_norms

UNET = {"levels": 2, "width": 4}
BLOCKS = {"lifter", "encoder.0", "encoder.1", "bottleneck", "decoder.0"}
EXPECTED = {
    "cnn": (UNET, BLOCKS),
    "hybrid": (UNET, BLOCKS),
    "stable_hybrid": (UNET, BLOCKS),
    "fno": ({"layers": 2, "width": 4}, {"layers.0", "layers.1", "projected"}),
}


def shares(generator: nn.Module) -> dict[str, float]:
    units = UnitsOn()
    with torch.no_grad(), units.watching(generator):
        generator(torch.randn(2, 3, 16, 16))
    return units.shares()


@pytest.mark.parametrize("name", EXPECTED)
def test_every_block_of_a_new_network_is_on(name):
    config, blocks = EXPECTED[name]
    found = shares(create_generator(name, 3, 16, **config))
    assert set(found) == blocks
    assert set(found.values()) == {1.0}


def test_every_architecture_is_looked_into():
    """Add yours to EXPECTED: what feeds a GELU must go through an nn.GELU module."""
    assert set(list_generators()) == set(EXPECTED)


@pytest.mark.parametrize("off", [1, 4])
def test_units_driven_far_below_zero_are_counted_as_off(off):
    generator = create_generator("stable_hybrid", 3, 16, decoder_norm=False, **UNET)
    with torch.no_grad():
        generator.get_parameter("decoder.0.0.bias")[:off] = -1e3
    found = shares(generator)
    assert found.pop("decoder.0") == 1 - off / 4
    assert set(found.values()) == {1.0}


def test_nothing_is_left_at_the_network():
    generator = create_generator("cnn", 3, 16, **UNET)
    shares(generator)
    assert not any(module._forward_pre_hooks for module in generator.modules())


def test_gates_and_norms_are_read_by_block():
    generator = create_generator("stable_hybrid", 3, 16, **UNET)
    with torch.no_grad():
        generator.get_parameter("encoder.1.layerscale").fill_(-0.25)
        generator.get_parameter("decoder.0.1.weight").fill_(0.5)
    found = gates_and_norms(generator)
    gated = ["encoder.0", "encoder.1", "bottleneck"]
    assert set(found) == {f"{kind}.{block}" for kind in ("gate", "norm") for block in gated} | {
        "norm.decoder.0"
    }
    assert found["gate.encoder.1"] == 0.25
    assert found["norm.decoder.0"] == 0.5
    assert found["gate.bottleneck"] == pytest.approx(1e-3)
    assert set(gates_and_norms(create_generator("cnn", 3, 16, **UNET))) == {
        f"norm.{b}" for b in BLOCKS - {"lifter"}
    }
    assert gates_and_norms(create_generator("fno", 3, 16, layers=2, width=4)) == {}
