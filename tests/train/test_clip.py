import pytest
import torch
from torch import nn

from ptygui.generators.layers import SpectralConv
from ptygui.generators.registry import create_generator
from ptygui.train.clip import clip_adaptively, clip_gradient
from ptygui.train.units import parameters_by_unit


@pytest.fixture
def generator() -> nn.Module:
    """A network whose gradient is large, and larger than 1 in many places."""
    network = create_generator("stable_hybrid", 3, 16, width=4, levels=2)
    network(torch.randn(2, 3, 16, 16)).abs().sum().backward()
    for parameter in network.parameters():
        parameter.grad = torch.randn_like(parameter) * 3
    return network


def gradients(generator: nn.Module) -> list[torch.Tensor]:
    return [parameter.grad.clone() for parameter in generator.parameters()]


def norm(tensors: list[torch.Tensor]) -> float:
    return float(torch.cat([tensor.flatten() for tensor in tensors]).norm())


def norm_over(tensor: torch.Tensor, axes: tuple[int, ...] | None) -> torch.Tensor:
    return tensor.square().sum(dim=axes).sqrt()


def test_nothing_is_clipped_but_its_norm_is_told(generator):
    before = gradients(generator)
    assert float(clip_gradient(generator, "none", 0.1)) == pytest.approx(norm(before), rel=1e-5)
    assert all(torch.equal(a, b) for a, b in zip(before, gradients(generator), strict=True))


def test_the_norm_is_limited_and_the_direction_kept(generator):
    before = gradients(generator)
    assert float(clip_gradient(generator, "norm", 0.1)) == pytest.approx(norm(before), rel=1e-5)
    after = gradients(generator)
    assert norm(after) == pytest.approx(0.1, rel=1e-4)
    share = 0.1 / norm(before)
    assert all(torch.allclose(b, share * a, rtol=1e-4) for a, b in zip(before, after, strict=True))


def test_values_are_limited(generator):
    before = gradients(generator)
    clip_gradient(generator, "value", 0.5)
    assert all(torch.equal(b, a.clamp(-0.5, 0.5)) for a, b in zip(before, gradients(generator), strict=True))


def test_adaptive_clipping_by_hand():
    layer = nn.Linear(2, 3)
    layer.weight.data = torch.tensor([[3.0, 4.0], [3.0, 4.0], [0.0, 0.0]])  # norms 5, 5, 0
    layer.weight.grad = torch.tensor([[0.3, 0.4], [0.003, 0.004], [6.0, 8.0]])  # norms 0.5, 0.005, 10
    layer.bias.data = torch.tensor([0.0, 2.0, 0.0])
    layer.bias.grad = torch.tensor([3.0, 0.0, 4.0])
    clip_adaptively(layer, 0.01)
    expected = torch.tensor([[0.03, 0.04], [0.003, 0.004], [6e-6, 8e-6]])  # the last by eps = 1e-3
    assert torch.allclose(layer.weight.grad, expected)
    assert torch.allclose(layer.bias.grad, torch.tensor([0.012, 0.0, 0.016]))  # a bias is one unit


def test_adaptive_clipping_limits_every_unit_of_a_generator_but_not_its_last_layer(generator):
    head = [parameter.grad.clone() for parameter in generator.head.parameters()]
    clip_gradient(generator, "adaptive", 0.01)
    inner = [p for name, p in generator.named_parameters() if not name.startswith("head")]
    shares = [
        norm_over(parameter.grad, axes) / norm_over(parameter.detach(), axes).clamp_min(1e-3)
        for parameter, axes in parameters_by_unit(generator)
        if any(parameter is other for other in inner)
    ]
    assert len(shares) == len(inner)
    assert all((share <= 0.01 * 1.001).all() for share in shares)
    assert all(torch.equal(a, b.grad) for a, b in zip(head, generator.head.parameters(), strict=True))


@pytest.mark.parametrize(
    ("layer", "units"),
    [
        (nn.Conv2d(2, 5, 3), 5),
        (nn.ConvTranspose2d(2, 5, 2), 5),
        (SpectralConv(2, 5, 3), 5),
        (nn.Linear(2, 5), 5),
    ],
)
def test_a_unit_is_an_output_channel(layer, units):
    axes = {id(parameter): axes for parameter, axes in parameters_by_unit(layer)}
    assert norm_over(layer.weight.detach(), axes[id(layer.weight)]).shape == (units,)
    assert all(axes[id(p)] is None for p in layer.parameters() if p is not layer.weight)


@pytest.mark.parametrize("clip", ["norm", "value", "adaptive", "none"])
def test_a_gradient_that_is_not_finite_is_told_and_left(generator, clip):
    first = next(generator.parameters())
    first.grad.view(-1)[0] = float("nan")
    before = gradients(generator)
    assert not torch.isfinite(clip_gradient(generator, clip, 0.1))
    assert all(torch.equal(a, b) for a, b in zip(before[1:], gradients(generator)[1:], strict=True))
