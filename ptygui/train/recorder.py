"""The callback that turns training into a run directory, and ends it when asked."""

from __future__ import annotations

import math

import lightning
import torch

from ptygui.runs.layout import RunState
from ptygui.runs.writer import RunWriter
from ptygui.train.checkpoint import Counters, write_checkpoint
from ptygui.train.data import TrainingScan
from ptygui.train.module import ScanPhysics, TrainingModule
from ptygui.train.validate import Look, look


class Recorder(lightning.Callback):
    """Writes metrics, status, previews and checkpoints of a run; honours its stop file and time budget.

    Parameters
    ----------
    run : RunWriter
    module : TrainingModule
    validation : TrainingScan
    best : float or None
        Best canvas residual so far, of a resumed run.
    """

    def __init__(
        self, run: RunWriter, module: TrainingModule, validation: TrainingScan, best: float | None = None
    ) -> None:
        self.run = run
        self.module = module
        self.validation = validation
        self.physics = ScanPhysics(validation, module.config)
        self.indices = validation.middle(module.config.validation_patterns)
        self.best = math.inf if best is None else best
        self.latest: Look | None = None

    def on_train_start(self, trainer: lightning.Trainer, _module: lightning.LightningModule) -> None:
        """Move the validation's tensors to the device and say that it runs."""
        self.physics.to(self.module.device)
        self.run.log(f"Training on {self.module.device}, step {self.module.steps_done}")
        if self.module.progress >= 1:
            trainer.should_stop = True

    def on_train_batch_end(
        self, trainer: lightning.Trainer, _module: object, outputs: object, _batch: object, _index: int
    ) -> None:
        """Record a step; look at the canvas and save now and then; end when it is time."""
        module = self.module
        module.steps_done += 1
        self._record_step(trainer, outputs)
        if module.steps_done % module.config.validate_every == 0:
            self.look_and_save(trainer)
        if self.run.stop_requested:
            self.run.update(RunState.STOPPING, message="Asked to stop: saving")
            self.run.log(f"Asked to stop at step {module.steps_done}")
        trainer.should_stop = self.run.stop_requested or module.progress >= 1

    def on_train_end(self, trainer: lightning.Trainer, _module: lightning.LightningModule) -> None:
        """Look a last time, unless it was just done."""
        if self.module.steps_done % self.module.config.validate_every or self.latest is None:
            self.look_and_save(trainer)

    def look_and_save(self, trainer: lightning.Trainer) -> None:
        """Reconstruct the validation scan, write what it shows, and keep a checkpoint."""
        module, step = self.module, self.module.steps_done
        seen = look(module.generator, self.physics, self.validation, self.indices, module.config.polish_steps)
        self.latest = seen
        self.run.metrics(step, "val", seen.metrics)
        self.run.preview(step, seen.raw)
        better = seen.metrics["raw.r1"] < self.best
        self.best = min(self.best, seen.metrics["raw.r1"])
        for name in ("best", "last") if better else ("last",):  # last knows of best, so it comes after
            path = self.run.paths.checkpoints / f"{name}.safetensors"
            counters = Counters(step=step, wall_s=module.elapsed_s, best=self.best)
            write_checkpoint(path, module.generator, trainer.optimizers[0], counters)

    def _record_step(self, trainer: lightning.Trainer, outputs: object) -> None:
        module = self.module
        loss = outputs.get("loss") if isinstance(outputs, dict) else None
        values = {"gradient_norm": module.gradient_norm, "rate": trainer.optimizers[0].param_groups[0]["lr"]}
        if isinstance(loss, torch.Tensor):
            values["loss"] = float(loss)
        if module.skipped:
            values["skipped"] = module.skipped
        self.run.metrics(module.steps_done, "train", values)
        self.run.update(
            RunState.RUNNING,
            step=module.steps_done,
            total=module.config.steps,
            message=self._message(),
            progress=module.progress,
        )

    def _message(self) -> str:
        done, elapsed_s = self.module.progress, self.module.elapsed_s
        left_s = elapsed_s * (1 - done) / max(done, 1e-9)
        residual = f", canvas residual {self.latest.metrics['raw.r1']:.3f}" if self.latest else ""
        return f"{done:.0%} done, about {_duration(left_s)} left{residual}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
