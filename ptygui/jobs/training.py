"""Starting a training run as a process of its own, and following it through its directory.

Its output goes to the end of the run's log.txt, so that the last words of one that crashes are kept.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ptygui.core.errors import PtyguiError
from ptygui.core.preparation import Preparation
from ptygui.io.registry import open_scan
from ptygui.reconstruct.devices import test_device
from ptygui.runs.alive import refuse_while_alive
from ptygui.runs.layout import (
    RunError,
    RunInfo,
    RunPaths,
    RunState,
    Status,
    new_run_directory,
    request_stop,
)
from ptygui.runs.logs import last_lines
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_status, write_record
from ptygui.runs.writer import lay_out
from ptygui.train.config import ENOUGH_STEPS, MeasuredScan, TrainConfig, dump_config, load_config

COMMAND = (sys.executable, "-m", "ptygui.train")
POLL_S = 0.2
PATIENCE_S = 10.0
"""How long a process that was told to end may take over it."""
SCAN_NEIGHBOURHOOD = 12
SCAN_PROBE_EPOCHS = 20
SCAN_LOOK_EVERY = 50
"""A scientist waits for the first picture: half a minute of steps on an idle CPU, at 128 x 128."""
_ORPHAN = """
import os, subprocess, sys
with open(sys.argv[1], "ab") as log:
    child = subprocess.Popen(
        sys.argv[2:], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=os.name == "posix"
    )
print(child.pid, flush=True)
os._exit(0)
"""
"""Starts a process and ends: the process belongs to nobody, so nobody has to wait for it."""


class TrainingError(PtyguiError):
    """A training run failed; the message says why and where its directory is."""


def scan_config(
    scan: Path,
    generator: str,
    minutes: float,
    name: str | None,
    device: str,
    preparation: Preparation = Preparation(),
) -> TrainConfig:
    """Return the configuration that trains a generator on a measured scan, without labels, by time.

    The scan is read and prepared as `preparation` says.
    """
    stem = scan.name.split(".")[0]
    return TrainConfig(
        name=name or f"{generator}-{stem}",
        generator=generator,
        data=MeasuredScan(path=str(scan.resolve()), preparation=preparation),
        probe_epochs=SCAN_PROBE_EPOCHS,
        validate_every=SCAN_LOOK_EVERY,
        neighbourhood=SCAN_NEIGHBOURHOOD,
        steps=ENOUGH_STEPS,
        minutes=minutes,
        device=device,
    )


def check_config(config: TrainConfig) -> None:
    """Refuse what cannot be trained here, before a run is made of it; loads torch.

    Raises
    ------
    ConfigError, DeviceError, ScanError
        If there is no such architecture, it has no such setting, or the device or the scan cannot be used.
    """
    from ptygui.generators.registry import make_config

    make_config(config.generator, config.generator_config)
    test_device(config.device)
    if isinstance(config.data, MeasuredScan):
        open_scan(Path(config.data.path), preparation=config.data.preparation)


def new_run(config: TrainConfig, runs: Path) -> Path:
    """Make the directory of a run that can be started.

    Raises
    ------
    RunError
        If it cannot be made.
    """
    directory = new_run_directory(runs, config.generator, config.name)
    lay_out_training(directory, config)
    return directory


def lay_out_training(directory: Path, config: TrainConfig) -> None:
    """Make an existing directory a run that can be started; it no longer depends on where one stands.

    Raises
    ------
    RunError
        If the directory holds a run already.
    """
    parents: tuple[str, ...] = ()
    if isinstance(config.data, MeasuredScan):
        data = msgspec.structs.replace(config.data, path=str(Path(config.data.path).resolve()))
        config, parents = msgspec.structs.replace(config, data=data), (data.path,)
    info = RunInfo.now(kind="training", name=config.name, generator=config.generator, parents=parents)
    lay_out(directory, info, dump_config(config))


def start_detached(run: Path) -> int:
    """Start, or continue, the run in a directory; the process outlives this one, and is nobody's child.

    Returns
    -------
    int
        Its number.

    Raises
    ------
    RunError
        If the run still trains, or cannot be started.
    ConfigError
        If the directory holds no configuration.
    """
    _prepare(run)
    command = [sys.executable, "-c", _ORPHAN, str(RunPaths(run).log), *COMMAND, str(run)]
    try:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise RunError(f"{run}: the training cannot be started ({said.strip().splitlines()[-1]}).") from error
    pid = int(answer.stdout)
    _announce(run, pid)
    return pid


@dataclass
class TrainingProcess:
    """A running training; it outlives the one who started it unless it is stopped."""

    run: Path
    process: subprocess.Popen[bytes]
    stopping: bool = False
    """True once it was asked to stop."""

    @classmethod
    def start(cls, run: Path, environment: Mapping[str, str] | None = None) -> TrainingProcess:
        """Start, or continue, the run in a directory that holds config.toml; raises as `start_detached`.

        `environment` holds what is set beside, or instead of, this process's own variables.
        """
        _prepare(run)
        with RunPaths(run).log.open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, str(run)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | dict(environment or {}),
                start_new_session=os.name == "posix",  # so that Ctrl-C in the terminal does not reach it
            )
        _announce(run, process.pid)
        return cls(run, process)

    def follow(self) -> Iterator[Status]:
        """Yield the status as it changes, until the process has ended.

        Raises
        ------
        TrainingError
            If it failed.
        """
        reader, seen = RunReader(self.run), -1
        running = True
        while running:
            running = self.process.poll() is None
            status = reader.poll().status
            if status is not None and status.beat != seen:
                seen = status.beat
                if self.stopping and not status.state.ended:
                    self.stop()  # again: whoever resumed it by hand made it forget
                yield status
            if running:
                time.sleep(POLL_S)
        self._raise_failure(reader.poll().status)

    def stop(self) -> None:
        """Ask it to finish its step, save and end; raises RunError."""
        self.stopping = True
        request_stop(self.run)

    def kill(self) -> None:
        """End the process if it still runs; the run can be resumed from its last checkpoint."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _raise_failure(self, status: Status | None) -> None:
        if self.process.returncode == 0:
            return
        if status is not None and status.state is RunState.FAILED and status.message:
            raise TrainingError(f"The training failed: {status.message} (run: {self.run})")
        if self.process.returncode < 0:
            raise TrainingError(
                f"The training was killed from outside (signal {-self.process.returncode}); resumed, it goes "
                f"on from its last checkpoint (run: {self.run})"
            )
        lines: Sequence[str] = last_lines(RunPaths(self.run).log)
        reason = lines[-1] if lines else f"exit code {self.process.returncode}"
        raise TrainingError(f"The training failed: {reason} (run: {self.run})")


def _prepare(run: Path) -> None:
    """Refuse what still trains or is no run; an old request to stop is forgotten before it begins."""
    load_config(RunPaths(run).config)
    refuse_while_alive(run)
    RunPaths(run).stop.unlink(missing_ok=True)


def _announce(run: Path, pid: int) -> None:
    """Name the process in the status, before it has loaded what it needs to write one itself."""
    paths = RunPaths(run)
    before = read_status(run) if paths.status.exists() else Status()
    if before.pid == pid:
        return  # it was quicker
    words = {"state": RunState.STARTING, "message": "Starting", "pid": pid, "host": platform.node()}
    write_record(paths.status, msgspec.structs.replace(before, **words))
