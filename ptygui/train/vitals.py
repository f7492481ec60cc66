"""What is measured of a generator at every look besides its canvas: training loss, units, gates, norms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ptygui.train.activations import UnitsOn, gates_and_norms
from ptygui.train.config import TrainConfig
from ptygui.train.data import NeighbourhoodBatch, TrainingScan, gather
from ptygui.train.scan_physics import ScanPhysics

PATTERNS = 32
"""About so many patterns are drawn, once, in neighbourhoods as the training has them."""


@dataclass(frozen=True)
class Vitals:
    """Figures of one look."""

    loss: float
    """The training's loss on patterns of the validation, always the same ones."""
    alive: dict[str, float]
    """Share of the units of each block that are on anywhere (activations.UnitsOn)."""
    structure: dict[str, float]
    """'gate.<block>', 'norm.<block>' (activations.gates_and_norms)."""

    @property
    def rows(self) -> dict[str, float]:
        """As metrics of the split 'health'."""
        return self.structure | {f"alive.{block}": share for block, share in self.alive.items()}


class VitalsMeter:
    """Measures a generator on a few neighbourhoods of the validation scan.

    Parameters
    ----------
    physics : ScanPhysics
        Of the validation scan; it may move to another device later.
    data : TrainingScan
    indices : (n,)
        The patterns that are validated on; centres of neighbourhoods are drawn from them.
    config : TrainConfig
    """

    def __init__(
        self, physics: ScanPhysics, data: TrainingScan, indices: NDArray[np.intp], config: TrainConfig
    ) -> None:
        self.physics = physics
        count = min(len(indices), max(1, PATTERNS // config.neighbourhood))
        centres = np.random.default_rng(0).choice(indices, count, replace=False)
        members = data.neighbours(np.sort(centres), config.neighbourhood)
        self.batch: NeighbourhoodBatch = gather(0, data.scan, members)

    @torch.no_grad()
    def measure(self, generator: nn.Module) -> Vitals:
        """Run the generator once, as it is."""
        units = UnitsOn()
        batch = self.batch.to(self.physics.probe.device)
        with units.watching(generator):
            patches = generator(self.physics.encoder(batch.amplitude))
        loss = self.physics.loss(patches, batch)
        return Vitals(float(loss), units.shares(), gates_and_norms(generator))
