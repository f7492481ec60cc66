"""Going on from the last checkpoint."""

from __future__ import annotations

from pathlib import Path

import lightning

from ptygui.train.module import TrainingModule


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
