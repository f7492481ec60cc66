"""One training run from its directory to its bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lightning
import torch
from torch.utils.data import DataLoader

from ptygui.core.errors import RecipeError
from ptygui.generators.contract import GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator
from ptygui.runs.layout import RunInfo, RunPaths, RunState
from ptygui.runs.writer import RunWriter
from ptygui.train.agreement import Agreement
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config, load_config
from ptygui.train.data import Neighbourhoods
from ptygui.train.module import TrainingModule
from ptygui.train.placement import check_devices, own_rank
from ptygui.train.prepare import Material, prepare
from ptygui.train.recorder import Recorder
from ptygui.train.result import Result
from ptygui.train.resume import Resume, mend
from ptygui.train.trainer import end_helpers, helper_that_died, make_trainer


def take_part(directory: Path) -> Path | None:
    """Train, or help the process that has started this one; returns the bundle if it has written one.

    Raises as `train` does.
    """
    config = load_config(RunPaths(directory).config)
    if own_rank(config) == 0:
        return train(directory)
    _help(RunPaths(directory), config)
    return None


class _StopAskedError(Exception):
    """Somebody asked to stop before the training has begun."""


def train(directory: Path) -> Path | None:
    """Train in a run directory that holds config.toml, from its last checkpoint if there is one.

    Returns
    -------
    Path or None
        The bundle; None if it was asked to stop before there was one.

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
        check_devices(config)  # before the probe takes its minutes
        try:
            material = prepare(config, paths.checkpoints / "probe.npy", _sayer(run))
        except _StopAskedError:
            return None
        spec = _spec(config, material)
        module = _module(config, material, spec)
        run.log(f"{config.generator}, {count_parameters(module.generator)} parameters; {material.sentence}")
        result = Result(module, material, spec, run)
        mend(paths.checkpoints / "last.safetensors", paths.checkpoints / "best.safetensors", run.log)
        resumed = Resume(paths.checkpoints / "last.safetensors", module)
        if module.progress < 1:
            recorder = Recorder(run, module, material.validation, resumed.best, result.keep_best)
            _fit(module, material, paths, [resumed, recorder])
        result.finish()
        ended = "Stopped" if run.status.state is RunState.STOPPING else "Done"
        run.update(message=f"{ended} at step {module.steps_done}")
        return paths.bundle


def _help(paths: RunPaths, config: TrainConfig) -> None:
    """Train along with the process that has started this one, which alone writes the run directory."""
    torch.set_flush_denormal(True)
    material = prepare(config, paths.checkpoints / "probe.npy", say=lambda _: None)
    module = _module(config, material, _spec(config, material))
    _fit(module, material, paths, [Resume(paths.checkpoints / "last.safetensors", module)])


def _module(config: TrainConfig, material: Material, spec: GeneratorSpec) -> TrainingModule:
    torch.manual_seed(config.seed)
    return TrainingModule(build_generator(spec), material.scans, config)


def _open_run(paths: RunPaths, config: TrainConfig) -> RunWriter:
    if paths.info.exists():
        return RunWriter.resume(paths.root)
    parents = (config.data.path,) if isinstance(config.data, MeasuredScan) else ()
    info = RunInfo.now(kind="training", name=config.name, generator=config.generator, parents=parents)
    return RunWriter.create(paths.root, info, dump_config(config))


def _sayer(run: RunWriter) -> Callable[[str], None]:
    """Return what tells the run what is being prepared; it raises _StopAskedError if that shall end."""

    def say(text: str) -> None:
        run.update(message=text)
        run.log(text)
        if run.stop_requested:
            run.update(RunState.STOPPING, message="Stopped before the training began; resumed, it begins.")
            run.log("Asked to stop before the training began")
            raise _StopAskedError

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


def _fit(
    module: TrainingModule, material: Material, paths: RunPaths, callbacks: list[lightning.Callback]
) -> None:
    """Train until the steps or the time are used up, or someone asks to stop."""
    config = module.config
    data = Neighbourhoods(
        material.scans,
        config.neighbourhood,
        config.neighbourhoods_per_step,
        config.seed,
        first=module.steps_tried * config.accumulate,
        share=(own_rank(config), config.processes),
    )
    trainer = make_trainer(config, [*callbacks, Agreement(module, paths.checkpoints)])
    try:
        trainer.fit(module, DataLoader(data, batch_size=None))
    except BaseException as end:
        died = helper_that_died(trainer) if isinstance(end, RuntimeError) else None
        end_helpers(trainer)
        if died is not None:
            raise died from end
        if isinstance(end, SystemExit):  # what Lightning makes of Ctrl-C and of SIGTERM
            raise KeyboardInterrupt from end
        raise
