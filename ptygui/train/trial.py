"""Some steps on made-up patterns, to learn how long a step takes; without Lightning, without a run."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ptygui.core.probe_guess import disk_probe
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata
from ptygui.generators.contract import CHANNELS, GeneratorSpec
from ptygui.generators.registry import build_generator
from ptygui.train.config import TrainConfig
from ptygui.train.data import TrainingScan, gather
from ptygui.train.optimiser import make_optimiser
from ptygui.train.scan_physics import ScanPhysics

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
        data = _made_up(config, pattern_px)
        device = torch.device(config.device)
        self.generator = _generator(config, pattern_px).to(device)
        self.physics = ScanPhysics(data, config).to(device)
        members = np.arange(_batch(config)).reshape(config.neighbourhoods_per_step, config.neighbourhood)
        self.batch = gather(0, data.scan, members).to(device)
        self.optimiser = make_optimiser(self.generator, config)

    def step(self) -> None:
        """Forward, backward and update; returns when the device has done it."""
        self.optimiser.zero_grad()
        patches = self.generator(self.physics.encoder(self.batch.amplitude))
        loss = self.physics.loss(patches, self.batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        loss.item()
        if self.physics.probe.is_cuda:
            torch.cuda.synchronize(self.physics.probe.device)


def _made_up(config: TrainConfig, pattern_px: int) -> TrainingScan:
    """Make a scan of one batch: random patterns, the neighbourhoods side by side on a square each."""
    shape = (pattern_px, pattern_px)
    count, side = _batch(config), int(np.ceil(np.sqrt(config.neighbourhood)))
    places = np.stack(np.divmod(np.arange(count) % config.neighbourhood, side), axis=1)
    scan = Scan(
        ArrayPatterns(np.random.default_rng(0).random((count, *shape), np.float32)),
        ProbePositions(places * _STEP_PX * pattern_px, "px"),
        ScanMetadata("made up"),
    )
    return TrainingScan(scan, disk_probe(shape, pattern_px / 2).reshape(1, *shape))


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
