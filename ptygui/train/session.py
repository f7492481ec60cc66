"""One training run from its directory to its bundle."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import lightning
import msgspec
import numpy as np
import torch
from torch.utils.data import DataLoader

from ptygui import __version__
from ptygui.core.describe import scan_fingerprint, typical_overlap
from ptygui.core.errors import RecipeError
from ptygui.generators.bundle import write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator
from ptygui.reconstruct.devices import test_device
from ptygui.runs.layout import RunInfo, RunPaths, RunState
from ptygui.runs.writer import RunWriter
from ptygui.train.checkpoint import Counters, load_checkpoint
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config, load_config
from ptygui.train.data import Neighbourhoods
from ptygui.train.module import ScanPhysics, TrainingModule
from ptygui.train.prepare import Material, prepare
from ptygui.train.recorder import Recorder
from ptygui.train.validate import Look, look


def train(directory: Path) -> Path:
    """Train in a run directory that holds config.toml, from its last checkpoint if there is one.

    Returns
    -------
    Path
        The bundle.

    Raises
    ------
    ConfigError, DeviceError, ScanError, RunError, RecipeError
        In a sentence; the run is then closed as failed with it.
    KeyboardInterrupt
        On Ctrl-C or SIGTERM; the run is then closed as stopped, and goes on from its last checkpoint.
    """
    torch.set_flush_denormal(True)  # first of all: the threads of torch's pool inherit it when they start
    paths = RunPaths(directory)
    config = load_config(paths.config)
    with _open_run(paths, config) as run:
        test_device(config.device)  # before the probe takes its minutes
        material = prepare(config, paths.checkpoints / "probe.npy", _sayer(run))
        spec = _spec(config, material)
        torch.manual_seed(config.seed)
        module = TrainingModule(build_generator(spec), material.scans, config)
        run.log(f"{config.generator}, {count_parameters(module.generator)} parameters; {material.sentence}")
        _fit(module, material, run)
        bundle = _write_result(module, material, spec, run)
        ended = "Stopped" if run.status.state is RunState.STOPPING else "Done"
        run.update(message=f"{ended} at step {module.steps_done}")
        return bundle


def _open_run(paths: RunPaths, config: TrainConfig) -> RunWriter:
    if paths.info.exists():
        return RunWriter.resume(paths.root)
    parents = (config.data.path,) if isinstance(config.data, MeasuredScan) else ()
    info = RunInfo.now(kind="training", name=config.name, generator=config.generator, parents=parents)
    return RunWriter.create(paths.root, info, dump_config(config))


def _sayer(run: RunWriter) -> Callable[[str], None]:
    def say(text: str) -> None:
        run.update(message=text)
        run.log(text)

    return say


def _spec(config: TrainConfig, material: Material) -> GeneratorSpec:
    height, width = material.validation.scan.pattern_shape
    if height != width:
        raise RecipeError(
            f"The patterns are {height} x {width} pixels, but generators are trained on square ones: "
            "crop or pad them first."
        )
    return GeneratorSpec(
        architecture=config.generator,
        config=config.generator_config,
        encoding=config.encoding,
        input_size=height,
    )


def _fit(module: TrainingModule, material: Material, run: RunWriter) -> None:
    """Train until the steps or the time are used up, or someone asks to stop."""
    config = module.config
    resumed = _Resume(run.paths.checkpoints / "last.safetensors", module)
    recorder = Recorder(run, module, material.validation, resumed.best)
    data = Neighbourhoods(
        material.scans,
        config.neighbourhood,
        config.neighbourhoods_per_step,
        config.seed,
        first_step=module.steps_done,
    )
    trainer = _trainer(config, [resumed, recorder])
    if module.progress >= 1:
        return
    try:
        trainer.fit(module, DataLoader(data, batch_size=None))
    except SystemExit as end:  # what Lightning makes of Ctrl-C and of SIGTERM
        raise KeyboardInterrupt from end


def _trainer(config: TrainConfig, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)  # the run's own log says what matters
    # batches are read in this process on purpose: a neighbourhood takes a millisecond, a worker a second
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*`training_step` returned `None`.*")  # counted as skipped
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")  # Lightning 2.6 with torch 2.13
    accelerator, _, index = config.device.partition(":")
    return lightning.Trainer(
        accelerator={"cuda": "gpu"}.get(accelerator, accelerator),
        devices=[int(index)] if index else 1,
        max_steps=-1,  # the recorder ends it
        max_epochs=1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=callbacks,
    )


class _Resume(lightning.Callback):
    """Restores weights before the training and the optimiser at its start."""

    def __init__(self, checkpoint: Path, module: TrainingModule) -> None:
        self.checkpoint = checkpoint
        self.best: float | None = None
        if checkpoint.exists():
            counters = load_checkpoint(checkpoint, module.generator)
            module.steps_done, module.wall_s, self.best = counters.step, counters.wall_s, counters.best

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Restore the optimiser, which exists only now."""
        if self.checkpoint.exists():
            load_checkpoint(self.checkpoint, module.generator, trainer.optimizers[0])


def _write_result(module: TrainingModule, material: Material, spec: GeneratorSpec, run: RunWriter) -> Path:
    """Write the bundle of the best state; returns its path."""
    config, data = module.config, material.validation
    best = load_checkpoint(run.paths.checkpoints / "best.safetensors", module.generator)
    indices = data.middle(config.validation_patterns)
    seen = look(module.generator, ScanPhysics(data, config), data, indices, config.polish_steps)
    card = _card(module, material, spec, best, seen)
    write_bundle(run.paths.bundle, module.generator, card, data.probe, overwrite=True)
    run.log(f"Wrote {run.paths.bundle.name}: canvas residual {seen.metrics['raw.r1']:.4f}")
    return run.paths.bundle


def _card(
    module: TrainingModule, material: Material, spec: GeneratorSpec, best: Counters, seen: Look
) -> BundleCard:
    """Say what the generator is, what it saw and what it reaches."""
    config, data = module.config, material.validation
    return BundleCard(
        name=config.name,
        spec=spec,
        parameters=count_parameters(module.generator),
        trained_on=f"{material.sentence}; {best.step} steps, {best.wall_s:.0f} s",
        scan_fingerprint=None if data.simulated else scan_fingerprint(data.scan),
        pixel_size_m=data.scan.metadata.pixel_size_m,
        photons_per_pattern=float(np.sum(np.abs(data.probe) ** 2)),
        overlap=typical_overlap(data.scan.with_probe(data.probe)),
        metrics={name: round(value, 5) for name, value in seen.metrics.items()},
        training=msgspec.to_builtins(config),
        code_version=__version__,
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
    )
