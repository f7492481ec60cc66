"""Going on from the last checkpoint."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import lightning

from ptygui.core.atomic import replacing
from ptygui.runs.layout import RunError
from ptygui.train.checkpoint import read_counters
from ptygui.train.module import TrainingModule


def mend(last: Path, best: Path, say: Callable[[str], None]) -> None:
    """Put the best state in the place of a last checkpoint that is damaged.

    Parameters
    ----------
    last, best : Path
        Checkpoints; neither need exist.
    say : callable
        Told in a sentence if it was done.

    Raises
    ------
    RunError
        If the last one is damaged, and the best one is too or is not there.
    """
    if not last.exists():
        return
    try:
        read_counters(last)
    except RunError as damage:
        if not best.exists():
            raise
        step = read_counters(best).step
        with replacing(last, durable=True) as temporary:
            shutil.copyfile(best, temporary)
        say(f"{damage} The run goes on from its best state so far, step {step}.")


class Resume(lightning.Callback):
    """Restores weights and counters when it is made, and the optimiser when there is one.

    Parameters
    ----------
    checkpoint : Path
        Need not exist: then the run begins.
    module : TrainingModule
    """

    def __init__(self, checkpoint: Path, module: TrainingModule) -> None:
        self.module = module
        self.checkpoint = checkpoint if checkpoint.exists() else None
        self.best: float | None = None
        if self.checkpoint is not None:
            counters = module.load(self.checkpoint)
            module.resume(counters)
            self.best = counters.best

    def on_train_start(self, trainer: lightning.Trainer, _module: object) -> None:
        """Restore the optimiser, which exists only now."""
        if self.checkpoint is not None:
            self.module.load(self.checkpoint, trainer.optimizers[0])
