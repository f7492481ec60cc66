"""What belongs to one scan on a device, and the training's loss there."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ptygui.core.probe import intensity_weights
from ptygui.generators.encoding import Encoder
from ptygui.physics.forward import good_pixels
from ptygui.train.config import TrainConfig
from ptygui.train.data import NeighbourhoodBatch, TrainingScan
from ptygui.train.objective import canvas_loss


class ScanPhysics(nn.Module):
    """What belongs to one scan: its encoder, probe, weights and good pixels, moved between devices."""

    probe: Tensor
    weights: Tensor
    good: Tensor | None

    def __init__(self, data: TrainingScan, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        good = good_pixels(data.scan.bad_pixels)
        told = data.probe if data.told is None else data.told  # the encoder and the weights know no other
        self.encoder = Encoder(config.encoding, torch.from_numpy(told), None if good is None else ~good)
        self.register_buffer("probe", torch.from_numpy(data.probe), persistent=False)
        self.register_buffer("weights", torch.from_numpy(intensity_weights(told)), persistent=False)
        self.register_buffer("good", good, persistent=False)

    def loss(self, patches: Tensor, batch: NeighbourhoodBatch) -> Tensor:
        """Return the training's loss of what a generator made of a batch of the scan, a scalar.

        Parameters
        ----------
        patches : (n, H, W) complex
        batch : NeighbourhoodBatch
            Of n patterns, on the device of the physics.
        """
        return canvas_loss(
            patches,
            batch.amplitude,
            batch.where,
            probe=self.probe,
            weights=self.weights,
            polish_steps=self.config.polish_steps,
            loss=self.config.loss,
            good=self.good,
        )
