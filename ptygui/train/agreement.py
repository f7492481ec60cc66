"""Several processes train as one: what the first decides, all do, so that none waits for another for ever.

Only the first process has a run directory to write, a stop file to watch and a canvas to look at. After every
step it tells the others whether to stop and what is left of the rate; if it went back to an earlier state, so
do they.
"""

from __future__ import annotations

from pathlib import Path

import lightning
import torch
import torch.distributed

from ptygui.train.module import TrainingModule


class Agreement(lightning.Callback):
    """Comes after the callbacks that decide; does nothing where there is one process.

    Parameters
    ----------
    module : TrainingModule
    checkpoints : Path
        A folder that all processes see.
    """

    def __init__(self, module: TrainingModule, checkpoints: Path) -> None:
        self.module = module
        self.common_state = checkpoints / "common.safetensors"
        self.rollbacks_known = module.rollbacks_done

    def on_train_start(self, trainer: lightning.Trainer, _module: object) -> None:
        """End everywhere if there is nothing left to do."""
        self._agree(trainer)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, _module: object, _outputs: object, _batch: object, _index: int
    ) -> None:
        """Do what the first process has decided after a step."""
        if self.module.step_is_whole:
            self._agree(trainer)

    def _agree(self, trainer: lightning.Trainer) -> None:
        if trainer.world_size == 1:
            return
        module = self.module
        stop, rollbacks, rate_scale = _of_first(
            [trainer.should_stop, module.rollbacks_done, module.rate_scale], module.device
        )
        if rollbacks != self.rollbacks_known:
            self._share_state(trainer)
            self.rollbacks_known = int(rollbacks)
        trainer.should_stop = bool(stop)
        module.rate_scale = rate_scale

    def _share_state(self, trainer: lightning.Trainer) -> None:
        """Give the first process's state to the others, through a file."""
        module, optimiser = self.module, trainer.optimizers[0]
        if trainer.is_global_zero:
            module.save(self.common_state, optimiser, None)
        trainer.strategy.barrier()
        if not trainer.is_global_zero:
            module.resume(module.load(self.common_state, optimiser))
        trainer.strategy.barrier()
        if trainer.is_global_zero:
            self.common_state.unlink()


def _of_first(values: list[float], device: torch.device) -> list[float]:
    """Return the values of the first process, in all of them."""
    told = torch.tensor(values, dtype=torch.float64, device=device)
    torch.distributed.broadcast(told, 0)
    return [float(value) for value in told]
