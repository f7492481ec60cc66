"""Some steps on made-up patterns, to learn how long a step takes; without Lightning, without a run."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ptygui.core.probe import intensity_weights
from ptygui.core.probe_guess import disk_probe
from ptygui.generators.contract import CHANNELS, GeneratorSpec
from ptygui.generators.encoding import Encoder
from ptygui.generators.registry import build_generator
from ptygui.physics.patches import layout
from ptygui.train.config import TrainConfig
from ptygui.train.objective import canvas_loss
from ptygui.train.optimiser import make_optimiser

_MOST_STEPS = 4
_BUDGET_S = 1.5
_STEP_PX = 0.25
"""Distance of neighbours as a share of the pattern's side."""


def step_seconds(config: TrainConfig, pattern_px: int) -> float:
    """Return the seconds of a step on the config's device: the quickest of a few, the first one left out.

    In the first one libraries start.
    """
    trial = _Trial(config, pattern_px)
    spent: list[float] = []
    while len(spent) < 2 or (len(spent) < _MOST_STEPS and sum(spent) < _BUDGET_S):
        began_s = time.perf_counter()
        trial.step()
        spent.append(time.perf_counter() - began_s)
    return min(spent[1:])


def step_flops(config: TrainConfig, pattern_px: int) -> float:
    """Count the operations of matrix products and convolutions in a step, without computing anything."""
    with torch.device("meta"):
        generator = _generator(config, pattern_px)
        encoded = torch.empty(_batch(config), CHANNELS[config.encoding], pattern_px, pattern_px)
    with FlopCounterMode(display=False) as counter:
        generator(encoded).abs().sum().backward()
    return float(counter.get_total_flops())


class _Trial:
    """A generator and one batch of patterns on a device."""

    def __init__(self, config: TrainConfig, pattern_px: int) -> None:
        torch.set_flush_denormal(True)  # as the training does: on a CPU the steps take a tenth then
        shape = (pattern_px, pattern_px)
        probe = disk_probe(shape, pattern_px / 2).reshape(1, *shape)
        count, device = _batch(config), torch.device(config.device)
        side = int(np.ceil(np.sqrt(config.neighbourhood)))
        number = np.arange(count) % config.neighbourhood
        positions = np.stack(np.divmod(number, side), axis=1) * _STEP_PX * pattern_px
        groups = torch.arange(config.neighbourhoods_per_step).repeat_interleave(config.neighbourhood)
        self.config = config
        self.generator = _generator(config, pattern_px).to(device)
        self.encoder = Encoder(config.encoding, torch.from_numpy(probe)).to(device)
        self.where = layout(torch.from_numpy(positions), groups, shape).to(device)
        self.amplitude = torch.rand(count, *shape).to(device)
        self.probe = torch.from_numpy(probe).to(device)
        self.weights = torch.from_numpy(intensity_weights(probe)).to(device)
        self.optimiser = make_optimiser(self.generator, config)

    def step(self) -> None:
        """Forward, backward and update; returns when the device has done it."""
        self.optimiser.zero_grad()
        loss = canvas_loss(
            self.generator(self.encoder(self.amplitude)),
            self.amplitude,
            self.where,
            probe=self.probe,
            weights=self.weights,
            polish_steps=self.config.polish_steps,
            loss=self.config.loss,
        )
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        loss.item()
        if self.probe.is_cuda:
            torch.cuda.synchronize(self.probe.device)


def _generator(config: TrainConfig, pattern_px: int) -> nn.Module:
    spec = GeneratorSpec(
        architecture=config.generator,
        config=config.generator_config,
        encoding=config.encoding,
        input_size=pattern_px,
    )
    return build_generator(spec)


def _batch(config: TrainConfig) -> int:
    return config.neighbourhood * config.neighbourhoods_per_step
