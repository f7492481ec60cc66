"""A run is a directory: the names of its files and the plain values in them.

    run.json       RunInfo, written once
    config.toml    the complete configuration, written once: training from it repeats the run
    status.json    Status, replaced atomically at every beat
    metrics.csv    append-only, long format: step,wall_s,split,metric,value
    health.jsonl   append-only, one HealthEvent a line: what went wrong, and what was done about it
    log.txt        append-only sentences with their time
    previews/      step-000500.npz (ptygui.runs.previews)
    checkpoints/   last, best: what the training library writes
    bundle.safetensors   the trained generator, when done
    stop           created by whoever wants the run to finish its step, save, and end

One process writes, any number read, nobody locks. A directory is a run once it holds run.json.
"""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from ptygui import __version__
from ptygui.core.errors import PtyguiError

SCHEMA_VERSION = 1
METRICS_HEADER = "step,wall_s,split,metric,value"


class RunError(PtyguiError):
    """A run directory cannot be made, read or continued; the message names it and says what to do."""


class RunState(StrEnum):
    """What a run says of itself; whether it is still alive is for the reader's clock to tell."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    """Asked to stop, saving."""
    DONE = "done"
    STOPPED = "stopped"
    """Ended early because someone asked; what it had is kept."""
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """True if no further beat is to be expected."""
        return self in (RunState.DONE, RunState.STOPPED, RunState.FAILED)


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What run.json holds: what was started, where, and from what. Made with `RunInfo.now`."""

    schema: int = SCHEMA_VERSION
    kind: str
    """'training', 'reconstruction', ..."""
    name: str
    """What people call it, e.g. 'stable_hybrid on siemens'."""
    generator: str
    """Architecture, or path of the bundle it starts from."""
    parents: tuple[str, ...] = ()
    """Runs, bundles or scans that it was made from."""
    code_version: str
    host: str
    pid: int
    started: str
    """ISO 8601 with offset."""

    @classmethod
    def now(cls, *, kind: str, name: str, generator: str, parents: tuple[str, ...] = ()) -> RunInfo:
        """Describe a run that this process starts at this moment."""
        return cls(
            kind=kind,
            name=name,
            generator=generator,
            parents=parents,
            code_version=__version__,
            host=platform.node(),
            pid=os.getpid(),
            started=datetime.now().astimezone().isoformat(timespec="seconds"),
        )


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What status.json holds: how far the run is."""

    state: RunState = RunState.STARTING
    step: int = 0
    total: int | None = None
    """Steps to do; None while it is not known."""
    beat: int = 0
    """Counts the writes: as long as it moves, the run is alive."""
    message: str = ""
    """One sentence for people."""
    progress: float | None = None
    """How much of the whole run is done, 0..1, earlier sittings included; None while it is not known."""
    best: float | None = None
    """Lowest canvas residual of the raw object so far (val, raw.r1); None before the first look."""
    pid: int | None = None
    """The process that writes now (RunInfo has the first one); None in runs of older versions."""
    host: str | None = None
    """Its machine."""


class MetricRow(NamedTuple):
    """A line of metrics.csv; after a resumed run steps may repeat: the later row counts."""

    step: int
    wall_s: float
    split: str
    metric: str
    value: float


Ailment = Literal["dead", "collapsed", "flat", "spiking", "diverging", "non-finite", "over-fitting"]
"""What a training can suffer from (train.health)."""


class HealthEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A line of health.jsonl: something that went wrong in a training."""

    step: int
    wall_s: float
    """Since the start of the run, as in metrics.csv."""
    ailment: Ailment
    evidence: dict[str, float]
    """The numbers that it was seen by, by name."""
    sentence: str
    """What happened and what to do, for people."""
    action: str = ""
    """What was done about it, a sentence; empty for nothing."""
    breakdown: bool = False
    """True if the run does not recover from it by itself."""


@dataclass(frozen=True)
class RunPaths:
    """Where everything lies in the run directory `root`."""

    root: Path

    @property
    def info(self) -> Path:
        """run.json."""
        return self.root / "run.json"

    @property
    def config(self) -> Path:
        """config.toml."""
        return self.root / "config.toml"

    @property
    def status(self) -> Path:
        """status.json."""
        return self.root / "status.json"

    @property
    def metrics(self) -> Path:
        """metrics.csv."""
        return self.root / "metrics.csv"

    @property
    def health(self) -> Path:
        """health.jsonl."""
        return self.root / "health.jsonl"

    @property
    def log(self) -> Path:
        """log.txt."""
        return self.root / "log.txt"

    @property
    def previews(self) -> Path:
        """The folder of previews."""
        return self.root / "previews"

    @property
    def checkpoints(self) -> Path:
        """The folder of checkpoints."""
        return self.root / "checkpoints"

    @property
    def bundle(self) -> Path:
        """bundle.safetensors: the trained generator."""
        return self.root / "bundle.safetensors"

    @property
    def stop(self) -> Path:
        """The file whose existence asks the run to end."""
        return self.root / "stop"

    def preview(self, step: int) -> Path:
        """Where the preview of `step` lies: previews/step-000500.npz."""
        return self.previews / f"step-{step:06d}.npz"


def new_run_directory(base: Path, *name_parts: str) -> Path:
    """Make an empty directory whose name tells when and what: `2026-11-23_1412_stable_hybrid_siemens`.

    Two runs of one minute and name get `-2`, `-3`, ... at the end: making a directory fails if it exists,
    so neither this process nor another one can overwrite a run.

    Raises
    ------
    RunError
        If `base` cannot be made or written.
    """
    stem = "_".join([f"{datetime.now():%Y-%m-%d_%H%M}", *filter(None, map(_file_name, name_parts))])
    try:
        base.mkdir(parents=True, exist_ok=True)
        return _make_first_free(base, stem)
    except OSError as error:
        raise RunError(f"{base}: no run directory can be made here ({error.strerror}).") from error


def _make_first_free(base: Path, stem: str) -> Path:
    for directory in (base / (stem if n == 1 else f"{stem}-{n}") for n in range(1, 1000)):
        try:
            directory.mkdir()
        except FileExistsError:
            continue
        return directory
    raise RunError(f"{base}: there are 1,000 runs called {stem} already; choose another name.")


def _file_name(text: str) -> str:
    """Reduce to what every file system and shell takes."""
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", text).strip("_.")[:60]


def request_stop(run: Path) -> None:
    """Ask the run in directory `run` to finish its step, save, and end; quick, and harmless to repeat.

    Raises
    ------
    RunError
        If the directory is gone or may not be written.
    """
    try:
        RunPaths(run).stop.touch()
    except OSError as error:
        raise RunError(f"{run}: the run cannot be asked to stop ({error.strerror}).") from error
