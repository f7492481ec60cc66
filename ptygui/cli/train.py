"""`ptygui train`: train a generator in a process of its own, and watch it."""

from __future__ import annotations

import math
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ptygui.cli.follow import endings, first_interrupt
from ptygui.cli.group import INTERRUPTED
from ptygui.cli.options import open_scan_as, prepare_option, read_prepare_option, remembered_option
from ptygui.core.errors import ConfigError
from ptygui.core.events import Stage
from ptygui.core.preparation import Preparation

if TYPE_CHECKING:
    from ptygui.jobs.training import TrainingProcess
    from ptygui.runs.layout import Status

BAR_STEPS = 1000
STAGES: tuple[Stage, ...] = get_args(Stage)
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
@prepare_option
@remembered_option
@click.option("--runs", type=click.Path(path_type=Path), help="Folder of runs; default: your data folder.")
@click.option("--resume", type=_FOLDER, help="Continue this run.")
@click.pass_context
def train(
    context: click.Context,
    config: Path | None,
    scan: Path | None,
    generator: str,
    minutes: float,
    name: str | None,
    device: str,
    preparation_file: Path | None,
    as_file_says: bool,
    runs: Path | None,
    resume: Path | None,
) -> None:
    """Train a generator: as CONFIG (TOML) says, on a --scan, or --resume a run.

    Ctrl-C, SIGTERM or a closed terminal stop and save; the run can be resumed.
    """
    if sum(choice is not None for choice in (config, scan, resume)) > 1:
        raise click.UsageError(_ONE_OF)
    if preparation_file is not None and scan is None:
        raise click.UsageError("--prepare goes with --scan: a configuration has a preparation of its own.")
    if as_file_says and scan is None:
        raise click.UsageError("--no-remembered goes with --scan: a configuration says how its scan is read.")
    from ptygui.jobs.catalogue import runs_folder
    from ptygui.jobs.training import TrainingProcess, check_config, new_run, scan_config
    from ptygui.runs.alive import refuse_while_alive
    from ptygui.train.config import load_config

    if resume is not None:
        _refuse_other_folders(resume)
        refuse_while_alive(resume)
        settings = load_config(resume / "config.toml")
    elif scan is not None:
        preparation = _preparation(scan, preparation_file, as_file_says=as_file_says)
        settings = scan_config(scan, generator, minutes, name, device, preparation)
    elif config is not None:
        settings = load_config(config)
    else:
        raise click.UsageError(_ONE_OF)
    check_config(settings)
    run = resume or new_run(settings, runs or runs_folder())
    click.echo(f"Run: {run.resolve()}", err=True)
    status = _watch(TrainingProcess.start(run))
    bundle = (run / "bundle.safetensors").resolve()
    if status is not None and status.state == "stopped":
        click.echo(_stopped_text(run, bundle, status.step))
        context.exit(INTERRUPTED)
    click.echo(_done_text(bundle))


def _preparation(scan: Path, preparation_file: Path | None, *, as_file_says: bool) -> Preparation:
    """Find how a scan is read and prepared, so that the run does not depend on what is remembered."""
    from ptygui.io.remembered import list_remembered

    told = read_prepare_option(preparation_file)
    if told is not None or as_file_says or not list_remembered().kept:  # or it would be unpacked once more
        return told or Preparation()
    return open_scan_as(scan, None, as_file_says=False).metadata.preparation


def _refuse_other_folders(folder: Path) -> None:
    if not (folder / "config.toml").is_file():
        raise ConfigError(
            f"{folder} is no training run, it holds no config.toml: give the folder that `ptygui train` "
            "named when the run began."
        )


def _watch(training: TrainingProcess) -> Status | None:
    """Show a bar until the process ends; Ctrl-C or SIGTERM stop and save, a second Ctrl-C kills."""
    bar = click.progressbar(
        length=BAR_STEPS,
        label="Training",
        file=sys.stderr,
        show_eta=False,  # the message tells both share and time left, of the whole run
        show_percent=False,
        item_show_func=lambda text: text,
    )
    status = None
    with bar, first_interrupt(training.stop), endings(training.stop):
        try:
            for status in training.follow():
                with suppress(OSError):  # the terminal is gone; the training still has to be waited for
                    bar.update(max(0, _bar_position(status) - bar.pos), status.message)
        finally:
            training.kill()
    return status


def _bar_position(status: Status) -> int:
    done = 1.0 if status.state == "done" else status.progress or 0.0
    return int(BAR_STEPS * done)


def _stopped_text(run: Path, bundle: Path, step: int) -> str:
    again = f"ptygui train --resume {shlex.quote(str(run.resolve()))}"
    so_far = f"The generator so far: {bundle}\n" if bundle.exists() else ""
    return f"Stopped at step {step}.\n{so_far}Go on with: {again}"


def _done_text(bundle: Path) -> str:
    from ptygui.generators.bundle import read_card

    metrics = read_card(bundle).metrics
    figures = [f"{stage} {metrics[f'{stage}.r1']:.4f}" for stage in STAGES if f"{stage}.r1" in metrics]
    residual = f"\nCanvas residual R1: {', '.join(figures)}" if figures else ""
    return f"Trained generator: {bundle}{residual}"
