"""The Lightning module: generator, physics and loss of one training run."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from torch import Tensor, nn

from ptygui.generators.layers import full_precision
from ptygui.train.average import decay_at, start_average, update_average
from ptygui.train.checkpoint import Counters, load_checkpoint, write_checkpoint
from ptygui.train.clip import clip_gradient
from ptygui.train.config import TrainConfig
from ptygui.train.data import NeighbourhoodBatch, TrainingScan
from ptygui.train.optimiser import make_optimiser
from ptygui.train.scan_physics import ScanPhysics
from ptygui.train.schedule import Plateau, rate_factor


class TrainingModule(lightning.LightningModule):
    """Trains a generator through the canvas.

    A step is one of the optimiser; with `accumulate` it takes several batches.

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
        self.average = start_average(generator) if config.averaging else None
        """The running average of the weights, if there is one."""
        self.physics = nn.ModuleList(ScanPhysics(scan, config) for scan in scans)
        self.steps_done = 0
        """Counts over resumptions, unlike Lightning's own; goes back with a rollback."""
        self.steps_tried = 0
        """Never goes back: it numbers the batches, so that after a rollback others come."""
        self.step_is_whole = False
        """False between the batches of one step."""
        self.wall_s = 0.0
        """Time spent in earlier sittings; `elapsed_s` adds this one's."""
        self._started_s: float | None = None
        self.skipped = 0
        """Steps left out because loss or gradient was not finite."""
        self.rate_scale = 1.0
        """What plateaus and rollbacks have left of the learning rate."""
        self.rollbacks_done = 0
        self.plateau = Plateau()
        self.loss = 0.0
        """Of the last step: the mean over its batches, and over the processes."""
        self.gradient_norm = 0.0
        """Of the last step, before clipping."""
        self._losses: list[Tensor] = []
        self._scaler: torch.amp.GradScaler | None = None
        """What scales the loss where gradients are computed in 16 bits."""

    @property
    def shown(self) -> nn.Module:
        """The generator whose pictures are looked at and that is handed on: the average, if there is one."""
        return self.generator if self.average is None else self.average

    @property
    def elapsed_s(self) -> float:
        """Time that the whole run has trained so far, preparations and the start of other processes apart."""
        return self.wall_s + (0.0 if self._started_s is None else time.monotonic() - self._started_s)

    @property
    def progress(self) -> float:
        """How much of the run is done, 0..1: by steps or by time, whichever is further."""
        by_steps = self.steps_done / self.config.steps
        by_time = self.elapsed_s / (60 * self.config.minutes) if self.config.minutes else 0.0
        return min(max(by_steps, by_time), 1.0)

    def on_fit_start(self) -> None:
        """Start the clock, and know what scales the loss."""
        self._started_s = time.monotonic()
        self._scaler = getattr(self.trainer.precision_plugin, "scaler", None)

    def training_step(self, batch: NeighbourhoodBatch, _batch_index: int) -> Tensor:
        """Return the loss of a batch.

        One that is not finite goes on too: its gradient is not finite either, and drops the step, in every
        process alike.
        """
        self.step_is_whole = False
        physics = cast("ScanPhysics", self.physics[batch.scan])
        with full_precision(batch.amplitude):
            encoded = physics.encoder(batch.amplitude)
        patches = self.generator(encoded)
        with full_precision(patches):
            loss = physics.loss(patches, batch)
        self._losses.append(loss.detach())
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam or AdamW; the rate is set before every step."""
        return make_optimiser(self.generator, self.config)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Note the loss, and follow the schedule."""
        self.loss = self._mean_loss()
        config = self.config
        factor = rate_factor(
            config.schedule,
            self.steps_done,
            self._common_progress(),
            warmup_steps=config.warmup_steps,
            final_rate=config.final_rate,
        )
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * factor * self.rate_scale

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip; a gradient that is not finite is dropped, which leaves the step out."""
        norm = clip_gradient(self.generator, self.config.clip, self.config.clip_limit)
        if torch.isfinite(norm):
            self.gradient_norm = float(norm)
            return
        optimizer.zero_grad(set_to_none=True)
        if not self._overflowed():
            self.gradient_norm = float(norm)
            self.skipped += 1

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Step, and count it."""
        super().optimizer_step(*args, **kwargs)
        if self.average is not None:
            update_average(self.average, self.generator, decay_at(self.steps_done, self.config.averaging))
        self.steps_done += 1
        self.steps_tried += 1
        self.step_is_whole = True

    def note_quality(self, r1: float) -> None:
        """Take in the canvas residual of a look: on a plateau, the rate falls.

        Looks during the warm-up do not count, and none that a stop caused: an uninterrupted run lacks it.
        """
        config = self.config
        planned = self.steps_done % config.validate_every == 0
        if config.schedule != "plateau" or self.steps_done < config.warmup_steps or not planned:
            return
        self.plateau, fall = self.plateau.after(r1, config.plateau_looks)
        if fall:
            self.rate_scale *= config.plateau_factor

    def save(self, path: Path, optimiser: torch.optim.Optimizer, best: float | None) -> Counters:
        """Write a checkpoint of everything that a resumed run needs; returns its counters.

        `best` is the best canvas residual so far.
        """
        counters = Counters(
            step=self.steps_done,
            tried=self.steps_tried,
            wall_s=self.elapsed_s,
            best=best,
            rate_scale=self.rate_scale,
            rollbacks_done=self.rollbacks_done,
            skipped=self.skipped,
            plateau=self.plateau,
            scaler=None if self._scaler is None else self._scaler.state_dict(),
        )
        write_checkpoint(path, self.generator, optimiser, counters, self.average)
        return counters

    def load(self, path: Path, optimiser: torch.optim.Optimizer | None = None) -> Counters:
        """Restore the weights (and the optimiser) from a checkpoint; what is counted stays as it is.

        Raises RunError if the file is no checkpoint of this run.
        """
        counters = load_checkpoint(path, self.generator, optimiser, self.average)
        if optimiser is not None and self._scaler is not None and counters.scaler is not None:
            self._scaler.load_state_dict(counters.scaler)
        return counters

    def resume(self, counters: Counters) -> None:
        """Count on from where a checkpoint was written."""
        self.steps_done = counters.step
        self.steps_tried = counters.step if counters.tried is None else counters.tried
        self.wall_s = counters.wall_s
        self.rate_scale = counters.rate_scale
        self.rollbacks_done = counters.rollbacks_done
        self.skipped = counters.skipped
        self.plateau = counters.plateau

    def roll_back(self, path: Path, optimiser: torch.optim.Optimizer, rate_share: float) -> Counters:
        """Go back to a kept state with a share of the rate; clock and batches go on. Raises RunError."""
        counters = self.load(path, optimiser)
        self.steps_done = counters.step
        self.plateau = counters.plateau
        self.rate_scale *= rate_share
        self.rollbacks_done += 1
        return counters

    def _mean_loss(self) -> float:
        mean = torch.stack(self._losses).mean()
        self._losses.clear()
        return float(cast("Tensor", self.trainer.strategy.reduce(mean, reduce_op="mean")))

    def _common_progress(self) -> float:
        """Return the progress by the clock of the first process, so that all have the same rate."""
        if self.config.minutes is None:
            return self.progress
        progress: float = self.trainer.strategy.broadcast(self.progress)
        return progress

    def _overflowed(self) -> bool:
        """Whether the gradient is not finite because the loss was scaled too far, which the scaler mends."""
        return self._scaler is not None and math.isfinite(self.loss) and self._scaler.get_scale() >= 1
