"""The Lightning module: generator, physics and loss of one training run."""

from __future__ import annotations

import time
from typing import cast

import lightning
import torch
from torch import Tensor, nn

from ptygui.core.probe import intensity_weights
from ptygui.generators.encoding import Encoder
from ptygui.physics.forward import good_pixels
from ptygui.train.config import TrainConfig
from ptygui.train.data import NeighbourhoodBatch, TrainingScan
from ptygui.train.objective import canvas_loss
from ptygui.train.schedule import rate_factor


class ScanPhysics(nn.Module):
    """What belongs to one scan: its encoder, probe, weights and good pixels, moved between devices."""

    probe: Tensor
    weights: Tensor
    good: Tensor | None

    def __init__(self, data: TrainingScan, config: TrainConfig) -> None:
        super().__init__()
        good = good_pixels(data.scan.bad_pixels)
        probe = torch.from_numpy(data.probe)
        self.encoder = Encoder(config.encoding, probe, None if good is None else ~good)
        self.register_buffer("probe", probe, persistent=False)
        self.register_buffer("weights", torch.from_numpy(intensity_weights(data.probe)), persistent=False)
        self.register_buffer("good", good, persistent=False)


class TrainingModule(lightning.LightningModule):
    """Trains a generator through the canvas.

    Parameters
    ----------
    generator : nn.Module
        Encoded patterns (n, C, H, W) -> patches (n, H, W) complex.
    scans : list of TrainingScan
    config : TrainConfig
    """

    def __init__(self, generator: nn.Module, scans: list[TrainingScan], config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = generator
        self.physics = nn.ModuleList(ScanPhysics(scan, config) for scan in scans)
        self.steps_done = 0
        """Counts over resumptions, unlike Lightning's own."""
        self.wall_s = 0.0
        """Time spent in earlier sittings; `elapsed_s` adds this one's."""
        self._started_s = time.monotonic()
        self.skipped = 0
        """Steps left out because loss or gradient was not finite."""
        self.gradient_norm = 0.0
        """Of the last step, before clipping."""

    @property
    def elapsed_s(self) -> float:
        """Wall time of the whole run so far."""
        return self.wall_s + time.monotonic() - self._started_s

    @property
    def progress(self) -> float:
        """How much of the run is done, 0..1: by steps or by time, whichever is further."""
        by_steps = self.steps_done / self.config.steps
        by_time = self.elapsed_s / (60 * self.config.minutes) if self.config.minutes else 0.0
        return min(max(by_steps, by_time), 1.0)

    def training_step(self, batch: NeighbourhoodBatch, _batch_index: int) -> Tensor | None:
        """Return the loss of a batch; None, which skips the step, if it is not finite."""
        physics = cast("ScanPhysics", self.physics[batch.scan])
        patches = self.generator(physics.encoder(batch.amplitude))
        loss = canvas_loss(
            patches,
            batch.amplitude,
            batch.where,
            probe=physics.probe,
            weights=physics.weights,
            polish_steps=self.config.polish_steps,
            loss=self.config.loss,
            good=physics.good,
        )
        if not torch.isfinite(loss):
            self.skipped += 1
            return None
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam; its rate is set before every step."""
        return torch.optim.Adam(self.generator.parameters(), lr=self.config.learning_rate)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Follow the schedule."""
        factor = rate_factor(
            self.steps_done,
            self.progress,
            warmup_steps=self.config.warmup_steps,
            final_rate=self.config.final_rate,
        )
        for group in optimizer.param_groups:
            group["lr"] = self.config.learning_rate * factor

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip by norm; a gradient that is not finite is dropped, which leaves the step out."""
        norm = nn.utils.clip_grad_norm_(self.generator.parameters(), self.config.clip_limit)
        self.gradient_norm = float(norm)
        if not torch.isfinite(norm):
            self.skipped += 1
            optimizer.zero_grad(set_to_none=True)
