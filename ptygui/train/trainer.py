"""Lightning's trainer, set up for a configuration."""

from __future__ import annotations

import logging
import subprocess
import warnings

import lightning
from lightning.pytorch.plugins.environments import LightningEnvironment
from lightning.pytorch.strategies import DDPStrategy, Strategy

from ptygui.train.config import TrainConfig


def make_trainer(config: TrainConfig, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    """Return a trainer without an end: one of the callbacks ends it."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)  # the run's own log says what matters
    # batches are read in this process on purpose: a neighbourhood takes a millisecond, a worker a second
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")  # Lightning 2.6 with torch 2.13
    warnings.filterwarnings("ignore", message=".*`broadcast_buffers` is deprecated.*")  # not in older torch
    return lightning.Trainer(
        accelerator={"cuda": "gpu"}.get(_kind(config), _kind(config)),
        devices=_devices(config),
        strategy=_strategy(config),
        plugins=[LightningEnvironment()],  # one machine, its processes started here, under Slurm too
        precision=config.precision,
        accumulate_grad_batches=config.accumulate,
        max_steps=-1,
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=callbacks,
    )


def end_helpers(trainer: lightning.Trainer) -> None:
    """End the processes that this one has started, if any: without it they would wait for ever."""
    helpers: list[subprocess.Popen[bytes]] = getattr(trainer.strategy.launcher, "procs", [])
    ended, helpers[:] = list(helpers), []  # Lightning watches this list, and kills this process when one dies
    for process in ended:
        process.kill()
        process.wait()


def _kind(config: TrainConfig) -> str:
    return config.device.partition(":")[0]


def _devices(config: TrainConfig) -> list[int] | int:
    """Return Lightning's way of saying which devices: their numbers, or how many processes on the CPU."""
    index = config.device.partition(":")[2]
    if _kind(config) != "cuda":
        return config.processes
    return [int(index or 0) + rank for rank in range(config.processes)]


def _strategy(config: TrainConfig) -> Strategy | str:
    # buffers are probes and encoders, the same everywhere: sending them with every batch would cost time
    return DDPStrategy(broadcast_buffers=False) if config.processes > 1 else "auto"
