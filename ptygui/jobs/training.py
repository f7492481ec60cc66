"""Starting a training run as a process of its own, and following it through its directory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import msgspec

from ptygui.core.atomic import replacing
from ptygui.core.errors import PtyguiError
from ptygui.generators.registry import make_config
from ptygui.io.registry import open_scan
from ptygui.reconstruct.devices import test_device
from ptygui.runs.layout import RunPaths, RunState, Status, new_run_directory, request_stop
from ptygui.runs.reader import RunReader
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config

COMMAND = (sys.executable, "-m", "ptygui.train")
POLL_S = 0.2
PATIENCE_S = 10.0
"""How long a process that was told to end may take over it."""
SCAN_NEIGHBOURHOOD = 12
SCAN_PROBE_EPOCHS = 20
ENOUGH_STEPS = 1_000_000
"""More than any time budget allows: the run ends by its minutes."""


class TrainingError(PtyguiError):
    """A training run failed; the message says why and where its directory is."""


def scan_config(scan: Path, generator: str, minutes: float, name: str | None, device: str) -> TrainConfig:
    """Return the configuration that trains a generator on a measured scan, without labels, by time."""
    stem = scan.name.split(".")[0]
    return TrainConfig(
        name=name or f"{generator}-{stem}",
        generator=generator,
        data=MeasuredScan(path=str(scan.resolve())),
        probe_epochs=SCAN_PROBE_EPOCHS,
        neighbourhood=SCAN_NEIGHBOURHOOD,
        steps=ENOUGH_STEPS,
        minutes=minutes,
        device=device,
    )


def check_config(config: TrainConfig) -> None:
    """Refuse what cannot be trained here, before a run is made of it.

    Raises
    ------
    ConfigError, DeviceError, ScanError
        If there is no such architecture, it has no such setting, or the device or the scan cannot be used.
    """
    make_config(config.generator, config.generator_config)
    test_device(config.device)
    if isinstance(config.data, MeasuredScan):
        open_scan(Path(config.data.path))


def new_run(config: TrainConfig, runs: Path) -> Path:
    """Make a run directory that holds the configuration, which then no longer depends on where one stands.

    Raises
    ------
    RunError
        If it cannot be made.
    """
    if isinstance(config.data, MeasuredScan):
        data = MeasuredScan(path=str(Path(config.data.path).resolve()))
        config = msgspec.structs.replace(config, data=data)
    directory = new_run_directory(runs, config.generator, config.name)
    with replacing(RunPaths(directory).config) as temporary:
        temporary.write_text(dump_config(config), encoding="utf-8")
    return directory


@dataclass
class TrainingProcess:
    """A running training; it outlives the one who started it unless it is stopped."""

    run: Path
    process: subprocess.Popen[bytes]
    complaints: IO[bytes]
    """What it writes to stderr."""
    stopping: bool = False
    """True once it was asked to stop."""

    @classmethod
    def start(cls, run: Path) -> TrainingProcess:
        """Start, or continue, the run in a directory that holds config.toml."""
        complaints = TemporaryFile()  # noqa: SIM115  # closed by `kill`, after the process
        process = subprocess.Popen(
            [*COMMAND, str(run)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=os.name == "posix",  # so that Ctrl-C in the terminal does not reach it
        )
        return cls(run, process, complaints)

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
                    self.stop()  # again: a run that resumes forgets what was asked before it began
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
        self.complaints.close()

    def _raise_failure(self, status: Status | None) -> None:
        if self.process.returncode == 0:
            return
        if status is not None and status.state is RunState.FAILED and status.message:
            raise TrainingError(f"The training failed: {status.message} (run: {self.run})")
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {self.process.returncode}"
        raise TrainingError(f"The training failed: {reason} (run: {self.run})")
