"""Options reach the optimiser: they are read back from it, and from what it does, in a real run."""

import pytest
import torch
from torch import nn

from ptygui.generators.registry import create_generator
from ptygui.train.optimiser import make_optimiser
from ptygui.train.recorder import Recorder
from ptygui.train.session import train


@pytest.fixture
def optimiser_of(run_directory, monkeypatch):
    """Train with some values changed; return the trainer's optimiser and its rates after every step."""

    def run(**changed):
        seen = {"rates": []}
        record = Recorder._record_step

        def recording(self, trainer):
            seen["optimiser"] = trainer.optimizers[0]
            seen["rates"].append([group["lr"] for group in trainer.optimizers[0].param_groups])
            record(self, trainer)

        monkeypatch.setattr(Recorder, "_record_step", recording)
        train(run_directory(**changed))
        return seen["optimiser"], seen["rates"]

    return run


def test_adam_is_adam(optimiser_of):
    optimiser, _ = optimiser_of(steps=2)
    assert type(optimiser) is torch.optim.Adam
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0]


def test_adamw_decays_by_what_was_asked(optimiser_of):
    optimiser, rates = optimiser_of(
        steps=2, optimiser="adamw", weight_decay=0.3, schedule="constant", warmup_steps=0, learning_rate=4e-3
    )
    assert type(optimiser) is torch.optim.AdamW
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0.3, 0.0]
    assert rates == [[4e-3, 4e-3]] * 2


def test_decay_takes_weights_and_leaves_gates_norms_and_biases(tiny):
    network = create_generator("stable_hybrid", 3, 16, width=4, levels=2)
    config = tiny(optimiser="adamw", weight_decay=0.1, learning_rate=0.5)
    optimiser = make_optimiser(network, config)
    before = {name: value.detach().clone() for name, value in network.named_parameters()}
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    shrunk = {
        name
        for name, value in network.named_parameters()
        if torch.allclose(value, 0.95 * before[name]) and not torch.equal(value, before[name])
    }
    weights = {
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)) or type(module).__name__ == "SpectralConv"
    }
    assert shrunk == weights - {"head.conv.weight"}  # zero at first
    assert all(
        torch.equal(value, before[name]) for name, value in network.named_parameters() if name not in weights
    )
    assert sum(len(group["params"]) for group in optimiser.param_groups) == len(before)


@pytest.mark.parametrize(("warmup_steps", "expected"), [(0, [1, 1, 1, 1]), (4, [0.25, 0.5, 0.75, 1])])
def test_the_constant_rate_reaches_the_optimiser(optimiser_of, warmup_steps, expected):
    _, rates = optimiser_of(
        steps=4, schedule="constant", warmup_steps=warmup_steps, learning_rate=1e-2, final_rate=0.5
    )
    assert [rate for (rate,) in rates] == pytest.approx([1e-2 * share for share in expected])


@pytest.mark.parametrize("clip", ["value", "adaptive", "none", "norm"])
def test_the_clipped_gradient_reaches_the_optimiser(optimiser_of, clip):
    """After one step Adam's mean is a tenth of the gradient that it was given."""
    optimiser, _ = optimiser_of(steps=1, clip=clip, clip_limit=1e-5)
    means = [state["exp_avg"] for state in optimiser.state.values()]
    given = 10 * torch.cat([mean.flatten() for mean in means])
    largest, norm = float(given.abs().max()), float(given.norm())
    if clip == "norm":
        assert norm == pytest.approx(1e-5, rel=1e-3)
    elif clip == "value":
        assert largest == pytest.approx(1e-5, rel=1e-3)
    else:
        assert norm > 1e-3  # the last layer's, which 'adaptive' leaves alone; all that is not zero at first
