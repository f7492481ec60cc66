"""Lightning's trainer, set up for a configuration."""

from __future__ import annotations

import logging
import subprocess
import time
import warnings

import lightning
from lightning.pytorch.plugins.environments import LightningEnvironment
from lightning.pytorch.strategies import DDPStrategy, Strategy

from ptygui.core.errors import PtyguiError
from ptygui.train.config import TrainConfig

_GRACE_S = 2.0
"""A process that dies closes its connections first: so long it may take until it has ended."""
_POLL_S = 0.02


class HelperError(PtyguiError):
    """A process that trained along has ended; the message says which, and what to do."""


def make_trainer(config: TrainConfig, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    """Return a trainer without an end: one of the callbacks ends it."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)  # the run's own log says what matters
    # batches are read in this process on purpose: a neighbourhood takes a millisecond, a worker a second
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")  # Lightning 2.6 with torch 2.13
    warnings.filterwarnings("ignore", message=".*`broadcast_buffers` is deprecated.*")  # not in older torch
    # of 1x1 convolutions, on some CPUs: two ways to number the same values, and a copy of a few bytes
    warnings.filterwarnings("ignore", message=".*Grad strides do not match bucket view strides.*")
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


def helper_that_died(trainer: lightning.Trainer) -> HelperError | None:
    """Tell which of the processes that this one has started has ended by itself; None if they live.

    For when a step has failed: what the library says then is that a connection was closed.
    """
    helpers, end_s = _helpers(trainer), time.monotonic() + _GRACE_S
    while helpers:
        for rank, process in enumerate(helpers, start=1):
            if code := process.poll():
                return _died(rank, len(helpers) + 1, code)
        if time.monotonic() > end_s:
            break
        time.sleep(_POLL_S)
    return None


def _died(rank: int, processes: int, code: int) -> HelperError:
    how = f"was killed (signal {-code})" if code < 0 else f"failed (exit code {code}, see log.txt)"
    return HelperError(
        f"Process {rank + 1} of the {processes} that train together {how}. Resumed, the run goes on from its "
        "last checkpoint."
    )


def end_helpers(trainer: lightning.Trainer) -> None:
    """End the processes that this one has started, if any: without it they would wait for ever."""
    helpers = _helpers(trainer)
    ended, helpers[:] = list(helpers), []  # Lightning watches this list, and kills this process when one dies
    for process in ended:
        process.kill()
        process.wait()


def _helpers(trainer: lightning.Trainer) -> list[subprocess.Popen[bytes]]:
    return getattr(trainer.strategy.launcher, "procs", [])


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
