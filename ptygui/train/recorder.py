"""The callback that turns training into a run directory, keeps it healthy, and ends it when asked."""

from __future__ import annotations

import math
from collections.abc import Callable

import lightning

from ptygui.runs.layout import RunState
from ptygui.runs.writer import RunWriter
from ptygui.train.care import BreakdownError, Care, weights_are_finite
from ptygui.train.checkpoint import Counters
from ptygui.train.data import TrainingScan
from ptygui.train.health import Symptom, weights_not_finite
from ptygui.train.module import TrainingModule
from ptygui.train.scan_physics import ScanPhysics
from ptygui.train.validate import Look, flat_residual, look
from ptygui.train.vitals import VitalsMeter


class Recorder(lightning.Callback):
    """Writes metrics, status, previews and checkpoints of a run; honours its stop file and time budget.

    After a breakdown (care.py) it goes back to the last checkpoint, which is only written in good health. It
    decides in the process that writes the run; the others follow (agreement.py).

    Parameters
    ----------
    run : RunWriter
    module : TrainingModule
    validation : TrainingScan
    best : float or None
        Best canvas residual so far, of a resumed run.
    keep_best : callable
        Told of every look that is the best so far.
    """

    def __init__(
        self,
        run: RunWriter,
        module: TrainingModule,
        validation: TrainingScan,
        best: float | None = None,
        keep_best: Callable[[Counters, Look], None] | None = None,
    ) -> None:
        self.run = run
        self.module = module
        self.validation = validation
        self.physics = ScanPhysics(validation, module.config)
        self.indices = validation.middle(module.config.validation_patterns)
        self.meter = VitalsMeter(self.physics, validation, self.indices, module.config)
        self.care = Care(run, module, flat_residual(self.physics, validation, self.indices))
        self.best = math.inf if best is None else best
        self.keep_best = keep_best
        self.latest: Look | None = None
        self.last = run.paths.checkpoints / "last.safetensors"

    def on_train_start(self, trainer: lightning.Trainer, _module: lightning.LightningModule) -> None:
        """Move the validation's tensors to the device, keep the start, and say that it runs."""
        self.physics.to(self.module.device)
        if not self.last.exists():
            self._save(trainer, "last")
        self.run.log(f"Training on {self.module.device}, step {self.module.steps_done}")
        if self.module.progress >= 1:
            trainer.should_stop = True

    def on_train_batch_end(
        self, trainer: lightning.Trainer, _module: object, _outputs: object, _batch: object, _index: int
    ) -> None:
        """Record a step; look at the canvas and save now and then; end when it is time."""
        module = self.module
        if not module.step_is_whole:
            return
        self._record_step(trainer)
        breakdown = self.care.after_step()
        if breakdown is None and module.steps_done % module.config.validate_every == 0:
            breakdown = self.look_and_save(trainer)
        if breakdown is not None:
            self._go_back(trainer, breakdown)
        stop_requested = self.run.stop_requested  # asked once: it may come between two questions
        if stop_requested:
            self.run.update(RunState.STOPPING, message="Asked to stop: saving")
            self.run.log(f"Asked to stop at step {module.steps_done}")
        trainer.should_stop = stop_requested or module.progress >= 1

    def on_train_end(self, trainer: lightning.Trainer, _module: lightning.LightningModule) -> None:
        """Look a last time, unless it was just done.

        Raises
        ------
        BreakdownError
            If it ends broken down and nothing better was kept before.
        """
        if self.module.steps_done % self.module.config.validate_every == 0 and self.latest is not None:
            return
        breakdown = self.look_and_save(trainer)
        if breakdown is not None:
            self.care.tell(breakdown, "The run ended here; its states before are kept.")
            if math.isinf(self.best):
                raise BreakdownError(f"{breakdown.sentence} No state was good enough to be kept.")

    def look_and_save(self, trainer: lightning.Trainer) -> Symptom | None:
        """Look at the canvas, write what it shows, and keep a checkpoint; not so if it is broken down.

        Returns
        -------
        Symptom or None
            The breakdown, if there is one from which the run may go back.
        """
        if self.care.may_go_back and not weights_are_finite(self.module):
            return weights_not_finite()
        seen = look(
            self.module.shown,
            self.physics,
            self.validation,
            self.indices,
            self.module.config.polish_steps,
            self.run.update,
        )
        breakdown = self._record_look(seen)
        residual = seen.metrics["raw.r1"]
        better, self.best = residual < self.best, min(self.best, residual)
        if better:
            self.run.update(best=self.best)
            counters = self._save(trainer, "best")
            if self.keep_best is not None:
                self.keep_best(counters, seen)
        if breakdown is None and not self.care.stumbling:
            self.module.note_quality(residual)
            self._save(trainer, "last")  # it knows of the best, so it comes after
        return breakdown

    def _record_look(self, seen: Look) -> Symptom | None:
        step, residual = self.module.steps_done, seen.metrics["raw.r1"]
        self.latest = seen
        vitals = self.meter.measure(self.module.generator)
        self.run.metrics(step, "val", seen.metrics | {"loss": vitals.loss})
        self.run.metrics(step, "health", vitals.rows)
        self.run.preview(step, seen.raw)
        return self.care.after_look(seen, vitals, min(self.best, residual))

    def _save(self, trainer: lightning.Trainer, name: str) -> Counters:
        path = self.run.paths.checkpoints / f"{name}.safetensors"
        best = None if math.isinf(self.best) else self.best
        return self.module.save(path, trainer.optimizers[0], best)

    def _go_back(self, trainer: lightning.Trainer, breakdown: Symptom) -> None:
        self.care.go_back(breakdown, self.last, trainer.optimizers[0])
        self._save(trainer, "last")  # at once: a run killed after this knows that it went back

    def _record_step(self, trainer: lightning.Trainer) -> None:
        module = self.module
        values = {"gradient_norm": module.gradient_norm, "rate": trainer.optimizers[0].param_groups[0]["lr"]}
        if math.isfinite(module.loss):
            values["loss"] = module.loss
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
