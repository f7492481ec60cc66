"""What every registered generator must do, whoever wrote it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ptygui.core.errors import RecipeError
from ptygui.generators.contract import GeneratorSpec
from ptygui.generators.registry import create_generator, default_config, list_generators

NAMES = list(list_generators())
U_SHAPED = ["cnn", "hybrid", "stable_hybrid"]


def build(name: str, in_channels: int = 3, input_size: int = 32, **config: object) -> nn.Module:
    return create_generator(name, in_channels, input_size, width=4, **config)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("in_channels", [1, 3])
def test_maps_patterns_to_complex_patches(name: str, in_channels: int) -> None:
    patches = build(name, in_channels)(torch.randn(2, in_channels, 32, 32))
    assert patches.shape == (2, 32, 32)
    assert patches.dtype == torch.complex64


@pytest.mark.parametrize("name", NAMES)
def test_starts_at_the_flat_object(name: str) -> None:
    assert (build(name)(torch.randn(2, 3, 32, 32)) == 1).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(16, 16), (48, 48), (64, 64), (32, 64), (40, 24)])
def test_works_at_sizes_other_than_the_trained_one(name: str, shape: tuple[int, int]) -> None:
    patches = build(name, flat_start=False)(torch.randn(2, 3, *shape))
    assert patches.shape == (2, *shape)
    assert patches.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_learns(name: str) -> None:
    network = build(name, flat_start=False)
    network(torch.randn(2, 3, 32, 32)).abs().square().sum().backward()
    for parameter_name, parameter in network.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
        assert parameter.grad.abs().max() > 0, parameter_name


@pytest.mark.parametrize("name", NAMES)
def test_a_few_steps_learn_a_smooth_phase(name: str) -> None:
    network = build(name)
    x = torch.nn.functional.interpolate(torch.randn(4, 3, 4, 4), size=(32, 32), mode="bicubic")
    target = torch.exp(0.5j * x[:, 0])
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        loss = (network(x) - target).abs().square().mean()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


@pytest.mark.parametrize("name", NAMES)
def test_patterns_do_not_see_each_other(name: str) -> None:
    """A pattern's patch must not depend on the batch it comes in."""
    network = build(name, flat_start=False).eval()
    x = torch.randn(3, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x)[1:2], network(x[1:2]), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_size_divisor_of_the_spec_is_the_networks_own(name: str) -> None:
    spec = GeneratorSpec(architecture=name, config=default_config(name))
    assert spec.size_divisor == getattr(build(name), "divisor", 1)


@pytest.mark.parametrize("name", U_SHAPED)
@pytest.mark.parametrize("shape", [(36, 32), (31, 32), (8, 8), (32, 20)])
def test_a_size_that_cannot_be_halved_is_refused_in_a_sentence(name: str, shape: tuple[int, int]) -> None:
    with pytest.raises(RecipeError, match=rf"multiples of 8 .*not {shape[0]} x {shape[1]}"):
        build(name)(torch.randn(1, 3, *shape))


def test_fno_takes_odd_sizes() -> None:
    assert build("fno")(torch.randn(1, 3, 33, 27)).shape == (1, 33, 27)
