"""The stress test of the collapse: at ten times the usual rate the historical network explodes and dies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from ptygui.core.simulate import lines_scan
from ptygui.generators.contract import CHANNELS, Encoding
from ptygui.generators.encoding import Encoder
from ptygui.generators.registry import create_generator
from ptygui.physics.forward import amplitudes

SEEDS = range(4)
STEPS = 160
HISTORICAL = {"decoder_norm": False, "flat_start": False}


@dataclass
class Outcome:
    worst_loss: float
    """The highest one after the first steps: a spike is above the 1 of a dark object."""
    last_loss: float
    contrast: float
    """Standard deviation over the pixels of a patch; a dead network gives a constant."""


def train(name: str, encoding: Encoding, seed: int, data: tuple[Tensor, Tensor], **config: object) -> Outcome:
    torch.manual_seed(seed)
    measured, probe = data
    generator = create_generator(name, CHANNELS[encoding], 32, width=8, **config)
    encoder = Encoder(encoding, probe)
    optimiser = torch.optim.Adam(generator.parameters(), 1.5e-2)
    losses = []
    for _ in range(STEPS):
        batch = measured[torch.randint(len(measured), (16,))]
        loss = (amplitudes(generator(encoder(batch)), probe) - batch).abs().sum() / batch.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    with torch.no_grad():
        contrast = generator(encoder(measured[:16])).std(dim=(1, 2)).mean().item()
    return Outcome(max(losses[5:]), losses[-1], contrast)


@pytest.fixture(scope="module")
def data() -> tuple[Tensor, Tensor]:
    scan = lines_scan(32, object_px=196, step_px=8, seed=1)
    assert scan.probe is not None
    patterns = scan.patterns.read(np.arange(len(scan)))
    return torch.from_numpy(patterns).sqrt(), torch.from_numpy(scan.probe)


@pytest.mark.slow
@pytest.mark.parametrize(("encoding", "learnt"), [("amplitude", 0.2), ("projected", 0.05)])
def test_stable_hybrid_survives_for_every_seed(
    encoding: Encoding, learnt: float, data: tuple[Tensor, Tensor]
) -> None:
    for seed in SEEDS:
        outcome = train("stable_hybrid", encoding, seed, data)
        assert outcome.worst_loss < 1, f"seed {seed}: {outcome}"
        assert outcome.contrast > 1e-2, f"seed {seed}: {outcome}"
        assert outcome.last_loss < learnt, f"seed {seed}: {outcome}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hybrid", "stable_hybrid"])
def test_the_historical_decoder_explodes(name: str, data: tuple[Tensor, Tensor]) -> None:
    outcomes = [train(name, "amplitude", seed, data, **HISTORICAL) for seed in SEEDS]
    assert sum(outcome.worst_loss > 1 for outcome in outcomes) >= 2, outcomes
