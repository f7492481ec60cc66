"""What can be done with a run: start, stop, resume, rename, put into the bin."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ptygui.jobs.catalogue import runs_folder
from ptygui.jobs.training import new_run, start_detached
from ptygui.runs.alive import refuse_while_alive
from ptygui.runs.layout import RunError, RunPaths, request_stop
from ptygui.runs.records import read_info, write_record
from ptygui.train.config import TrainConfig

BIN = ".bin"


def start_training(config: TrainConfig, folder: Path | None = None) -> Path:
    """Start a training in a process that lives on when this one ends; returns its run directory.

    What it writes to the screen goes to its log.txt. Whether the configuration can be trained is for
    `jobs.training.check_config` to tell, which loads torch; a run that cannot ends as failed.

    Parameters
    ----------
    config : TrainConfig
    folder : Path or None
        Folder of runs; None: `catalogue.runs_folder()`.

    Raises
    ------
    RunError
        If the directory cannot be made or the process not be started.
    """
    run = new_run(config, runs_folder() if folder is None else folder)
    start_detached(run)
    return run


def resume_training(path: Path) -> None:
    """Continue a run from its last checkpoint, in a process that lives on when this one ends.

    Raises
    ------
    RunError
        If it still trains (which takes some seconds to tell of a run on another machine), or cannot be
        started.
    ConfigError
        If its configuration cannot be read.
    """
    start_detached(path)


def stop_training(path: Path) -> None:
    """Ask a run to finish its step, save and end; raises RunError if the directory is gone."""
    request_stop(path)


def rename_run(path: Path, name: str) -> None:
    """Change what people call a run; its directory, and the name inside a bundle that is written, stay.

    Raises
    ------
    RunError
        If the name is empty, or the run cannot be read or written.
    """
    name = " ".join(name.split())
    if not name:
        raise RunError("A run needs a name: at least one letter.")
    info = read_info(path)
    try:
        write_record(RunPaths(path).info, msgspec.structs.replace(info, name=name))
    except OSError as error:
        raise RunError(f"{path} cannot be renamed ({error.strerror or error}).") from error


def bin_run(path: Path) -> Path:
    """Put a run into the bin, the hidden folder `.bin` beside it; nothing is deleted.

    Returns
    -------
    Path
        Where it lies now.

    Raises
    ------
    RunError
        If it still trains, or cannot be moved.
    """
    read_info(path)
    refuse_while_alive(path)
    try:
        (path.parent / BIN).mkdir(exist_ok=True)
        return path.rename(_free(path.parent / BIN, path.name))
    except OSError as error:
        raise RunError(f"{path} cannot be moved to the bin ({error.strerror or error}).") from error


def _free(folder: Path, name: str) -> Path:
    """Name a place that nothing is at yet."""
    number = 1
    while (place := folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return place
