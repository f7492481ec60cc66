"""The one writer of a run directory.

    with RunWriter.create(directory, RunInfo.now(...), config_toml) as run:
        for step in range(total):
            run.metrics(step, "train", {"loss": loss})
            run.update(RunState.RUNNING, step=step, total=total, message="...")
            if run.stop_requested:
                ...

The block's end closes the run as done, as stopped when its last state was `stopping`, or as failed, with
the error in the message, when it raises. Files are flushed at most ten times a second and always at the
end, so that logging costs a training step nothing.
"""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ptygui.core.atomic import remove_leftovers, replacing
from ptygui.core.errors import PtyguiError
from ptygui.core.scan import ObjectImage
from ptygui.runs.alive import is_this_process, refuse_while_alive
from ptygui.runs.layout import (
    METRICS_HEADER,
    Ailment,
    HealthEvent,
    RunError,
    RunInfo,
    RunPaths,
    RunState,
    Status,
)
from ptygui.runs.previews import write_preview
from ptygui.runs.records import read_info, read_status, write_record

MIN_INTERVAL_S = 0.1


class RunWriter:
    """Writes one run; made with `create` or `resume`, used as a context manager or ended with `close`."""

    def __init__(self, directory: Path, info: RunInfo, status: Status) -> None:
        self.paths = RunPaths(directory)
        self.info = info
        self.status = status
        self._started_s = datetime.fromisoformat(info.started).timestamp()
        self._flushed_s = 0.0
        self._written_s = 0.0
        self.paths.previews.mkdir(exist_ok=True)
        self.paths.checkpoints.mkdir(exist_ok=True)
        self._metrics = self.paths.metrics.open("a", encoding="utf-8", newline="\n")
        self._log = self.paths.log.open("a", encoding="utf-8", newline="\n", buffering=1)

    @classmethod
    def create(cls, directory: Path, info: RunInfo, config_toml: str) -> Self:
        """Begin a new run in an existing directory (`new_run_directory`); raises RunError like `lay_out`."""
        lay_out(directory, info, config_toml)
        writer = cls(directory, info, Status())
        writer.update(RunState.STARTING, message="Starting")
        return writer

    @classmethod
    def resume(cls, directory: Path) -> Self:
        """Continue a run that ended or was killed: metrics, log and beat go on where they were.

        What a kill cut off is dropped: the rest of a line, files that were not whole yet, even the first
        status. An old request to stop is forgotten, unless whoever started this process named it in the
        status: then the request came after that.

        Raises
        ------
        RunError
            If the directory holds no readable run, or another process still writes it.
        """
        paths = RunPaths(directory)
        info = read_info(directory)
        refuse_while_alive(directory)
        status = read_status(directory) if paths.status.exists() else Status()
        for folder in (paths.root, paths.previews, paths.checkpoints):
            remove_leftovers(folder)
        _drop_partial_line(paths.metrics)
        _drop_partial_line(paths.health)
        if status.state.ended or not is_this_process(status):
            paths.stop.unlink(missing_ok=True)
        writer = cls(directory, info, status)
        writer.update(RunState.STARTING, message="Resuming" if status.beat else "Starting")
        return writer

    def update(
        self,
        state: RunState | None = None,
        *,
        step: int | None = None,
        total: int | None = None,
        message: str | None = None,
        progress: float | None = None,
        best: float | None = None,
    ) -> None:
        """Beat, and say how far the run is; None leaves a value as it was.

        status.json is replaced at most ten times a second, but at once when the state changes.
        """
        before = self.status
        self.status = Status(
            state=before.state if state is None else state,
            step=before.step if step is None else step,
            total=before.total if total is None else total,
            message=before.message if message is None else message,
            progress=before.progress if progress is None else progress,
            best=before.best if best is None else best,
            pid=os.getpid(),
            host=platform.node(),
            beat=before.beat + 1,
        )
        self._flush_when_due()
        if self.status.state != before.state or time.monotonic() - self._written_s >= MIN_INTERVAL_S:
            self._write_status()

    def metrics(self, step: int, split: str, values: Mapping[str, float]) -> None:
        """Append one row a metric; `split` is 'train', 'val', 'test', 'health', ..."""
        wall_s = time.time() - self._started_s
        for name, value in values.items():
            _refuse_separators(split, name)
            self._metrics.write(f"{step},{wall_s:.3f},{split},{name},{float(value)!r}\n")
        self._flush_when_due()

    def health(
        self,
        step: int,
        ailment: Ailment,
        evidence: dict[str, float],
        sentence: str,
        action: str = "",
        *,
        breakdown: bool = False,
    ) -> HealthEvent:
        """Append an event to health.jsonl and its sentence to log.txt; seen by readers at once.

        Evidence that is not finite is left to the sentence: JSON has no such numbers.
        """
        event = HealthEvent(
            step=step,
            wall_s=time.time() - self._started_s,
            ailment=ailment,
            evidence={name: value for name, value in evidence.items() if math.isfinite(value)},
            sentence=sentence,
            action=action,
            breakdown=breakdown,
        )
        with self.paths.health.open("ab") as file:
            file.write(msgspec.json.encode(event) + b"\n")
        self.log(f"Step {step}: {sentence} {action}".rstrip())
        return event

    def log(self, text: str) -> None:
        """Append a sentence with its time to log.txt; seen by readers at once."""
        self._log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {text.rstrip()}\n")

    def preview(self, step: int, image: ObjectImage) -> Path:
        """Write the object as it is at `step`; returns the file."""
        path = self.paths.preview(step)
        write_preview(path, image)
        return path

    @property
    def stop_requested(self) -> bool:
        """True once a watcher has created the stop file."""
        return self.paths.stop.exists()

    def close(self, state: RunState, message: str | None = None) -> None:
        """Write everything and the final state; harmless to repeat."""
        if self._metrics.closed:
            return
        for file in (self._metrics, self._log):
            with suppress(OSError):  # on a full disk its end is lost, but how the run ended is still said
                file.close()
        self.status = msgspec.structs.replace(
            self.status, state=state, beat=self.status.beat + 1, message=message or self.status.message
        )
        self._write_status()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            self.close(RunState.STOPPED, "Interrupted")
        elif isinstance(error, PtyguiError):
            self.close(RunState.FAILED, str(error))
        elif error is not None:
            self.close(RunState.FAILED, f"{type(error).__name__}: {error}")
        elif self.status.state is RunState.STOPPING:
            self.close(RunState.STOPPED)
        else:
            self.close(RunState.DONE)

    def _flush_when_due(self) -> None:
        if time.monotonic() - self._flushed_s >= MIN_INTERVAL_S and not self._metrics.closed:
            self._metrics.flush()
            self._flushed_s = time.monotonic()

    def _write_status(self) -> None:
        write_record(self.paths.status, self.status)
        self._written_s = time.monotonic()


def lay_out(directory: Path, info: RunInfo, config_toml: str) -> None:
    """Make an existing directory a run that has not begun yet; `RunWriter.resume` begins it.

    Raises
    ------
    RunError
        If the directory holds a run already: a run is never overwritten.
    """
    paths = RunPaths(directory)
    if paths.info.exists():
        raise RunError(f"{directory} holds a run already; resume it, or start in a new directory.")
    _write_text(paths.config, config_toml)
    _write_text(paths.metrics, METRICS_HEADER + "\n")
    write_record(paths.info, info)  # last: now the directory is a run


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _drop_partial_line(path: Path) -> None:
    if not path.exists():
        return
    with path.open("r+b") as file:
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)


def _refuse_separators(*names: str) -> None:
    for name in names:
        if not name or any(character in name for character in ',"\r\n'):
            raise ValueError(f"{name!r} is no name for a split or metric: no commas, quotes or line ends.")
