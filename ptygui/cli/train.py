"""`ptygui train`: train a generator in a process of its own, and watch it."""

from __future__ import annotations

import math
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ptygui.cli.follow import endings, first_interrupt
from ptygui.core.errors import ConfigError

if TYPE_CHECKING:
    from ptygui.jobs.training import TrainingProcess
    from ptygui.runs.layout import Status
    from ptygui.train.config import TrainConfig

BAR_STEPS = 1000
_ONE_OF = "Give one of: a configuration file, --scan FILE, --resume RUN."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _positive(_context: click.Context, _option: click.Parameter, minutes: float) -> float:
    if not 0 < minutes < math.inf:
        raise click.BadParameter(f"a training takes a time above 0, not {minutes:g} minutes.")
    return minutes


@click.command()
@click.argument("config", required=False, type=_FILE)
@click.option("--scan", type=_FILE, help="Train on this scan, without labels.")
@click.option("--generator", default="stable_hybrid", show_default=True, help="Architecture, with --scan.")
@click.option(
    "--minutes", default=5.0, show_default=True, callback=_positive, help="Time to train, with --scan."
)
@click.option("--name", help="What the generator will be called, with --scan.")
@click.option("-d", "--device", default="cpu", show_default=True, help="With --scan.")
@click.option("--runs", type=click.Path(path_type=Path), help="Folder of runs; default: your data folder.")
@click.option("--resume", type=_FOLDER, help="Continue this run.")
def train(
    config: Path | None,
    scan: Path | None,
    generator: str,
    minutes: float,
    name: str | None,
    device: str,
    runs: Path | None,
    resume: Path | None,
) -> None:
    """Train a generator: as CONFIG (TOML) says, on a --scan, or --resume a run.

    Ctrl-C, SIGTERM or a closed terminal stop and save; the run can be resumed.
    """
    if sum(choice is not None for choice in (config, scan, resume)) > 1:
        raise click.UsageError(_ONE_OF)
    from ptygui.jobs.catalogue import runs_folder
    from ptygui.jobs.training import TrainingProcess, check_config, new_run, scan_config
    from ptygui.train.config import load_config

    if resume is not None:
        _refuse_other_folders(resume)
        settings = load_config(resume / "config.toml")
    elif scan is not None:
        settings = scan_config(scan, generator, minutes, name, device)
    elif config is not None:
        settings = load_config(config)
    else:
        raise click.UsageError(_ONE_OF)
    check_config(settings)
    run = resume or new_run(settings, runs or runs_folder())
    click.echo(f"Run: {run.resolve()}", err=True)
    _watch(TrainingProcess.start(run), settings)
    click.echo(f"Trained generator: {(run / 'bundle.safetensors').resolve()}")


def _refuse_other_folders(folder: Path) -> None:
    if not (folder / "config.toml").is_file():
        raise ConfigError(
            f"{folder} is no training run, it holds no config.toml: give the folder that `ptygui train` "
            "named when the run began."
        )


def _watch(training: TrainingProcess, settings: TrainConfig) -> None:
    """Show a bar until the process ends; Ctrl-C or SIGTERM stop and save, a second Ctrl-C kills."""
    bar = click.progressbar(
        length=BAR_STEPS, label="Training", file=sys.stderr, item_show_func=lambda text: text
    )
    started = time.monotonic()
    with bar, first_interrupt(training.stop), endings(training.stop):
        try:
            for status in training.follow():
                done = _share(status, settings, time.monotonic() - started)
                with suppress(OSError):  # the terminal is gone; the training still has to be waited for
                    bar.update(max(0, int(BAR_STEPS * done) - bar.pos), status.message)
        finally:
            training.kill()


def _share(status: Status, settings: TrainConfig, elapsed_s: float) -> float:
    """How much is done, by steps or by time, whichever is nearer to its end."""
    by_steps = status.step / settings.steps
    by_time = elapsed_s / (60 * settings.minutes) if settings.minutes else 0.0
    return 1.0 if status.state.ended else min(0.99, max(by_steps, by_time))
