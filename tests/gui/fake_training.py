"""Trainings without torch: runs that a test writes itself, watched by the real `RunsWatch`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ptygui.core.errors import PtyguiError
from ptygui.core.preparation import Preparation
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.training_backend import Architecture
from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.training_backend import LocalTraining
from ptygui.jobs.sizes import SizeEstimate
from ptygui.jobs.training_runs import RunsWatch, WatchUpdate
from ptygui.runs.layout import RunInfo, RunState
from ptygui.runs.writer import RunWriter
from ptygui.train.config import MeasuredScan, TrainConfig, dump_config

ARCHITECTURES = tuple(
    Architecture(
        name, f"{name}, for tests.", {"small": {"width": 4}, "medium": {"width": 8}, "large": {"width": 16}}
    )
    for name in ("cnn", "stable_hybrid")
)


@dataclass
class FakeTraining:
    """Answers at once; `folder` None: there are no runs."""

    folder: Path | None = None
    estimates: list[TrainConfig] = field(default_factory=list)
    seconds_per_step: float = 0.15
    free_bytes: int = 8 << 30
    failure: PtyguiError | None = None
    started: list[TrainConfig] = field(default_factory=list)
    writers: dict[Path, RunWriter] = field(default_factory=dict)
    """Of the runs that are alive."""
    polls: list[Sequence[Path]] = field(default_factory=list)
    done: list[tuple[str, Path]] = field(default_factory=list)
    """What was done with which run."""
    watcher: RunsWatch | None = None

    def architectures(self) -> Sequence[Architecture]:
        return ARCHITECTURES

    def scan_config(
        self,
        scan: Path,
        generator: str,
        minutes: float,
        device: str,
        preparation: Preparation = Preparation(),
    ) -> TrainConfig:
        return TrainConfig(
            name=f"{generator}-{scan.stem}",
            generator=generator,
            data=MeasuredScan(path=str(scan), preparation=preparation),
            probe_epochs=20,
            neighbourhood=12,
            steps=1_000_000,
            minutes=minutes,
            device=device,
        )

    def estimate(self, config: TrainConfig, pattern_px: int) -> SizeEstimate:
        self.estimates.append(config)
        width = config.generator_config.get("width", 8)
        needed = width << 25
        return SizeEstimate(
            1_780_000, needed, self.seconds_per_step, needed < self.free_bytes, self.free_bytes
        )

    def start(self, config: TrainConfig) -> Path:
        if self.failure is not None:
            raise self.failure
        self.started.append(config)
        return self.begin_run(config.name, config)

    def begin_run(self, name: str, config: TrainConfig | None = None, beneath: str = "") -> Path:
        """Begin a run of this process."""
        assert self.folder is not None
        config = config or self.scan_config(Path("/data/star.npz"), "cnn", 5.0, "cpu")
        run = self.folder / beneath / name
        run.mkdir(parents=True)
        info = RunInfo.now(kind="training", name=name, generator=config.generator)
        self.writers[run] = RunWriter.create(run, info, dump_config(config))
        return run

    def advance(self, run: Path, step: int, *, loss: float = 0.1, r1: float = 0.05) -> None:
        """Let a run get to a step, where it looks at the canvas."""
        writer = self.writers[run]
        writer.metrics(step, "train", {"loss": loss, "gradient_norm": 1.0, "rate": 1e-3})
        writer.metrics(step, "val", {"raw.r1": r1, "loss": loss})
        writer.preview(step, picture(step))
        writer._written_s = writer._flushed_s = 0.0  # written at once: a test does not wait for it
        writer.update(
            RunState.RUNNING, step=step, total=100, message=f"Step {step}", progress=step / 100, best=r1
        )
        writer._metrics.flush()

    def end(self, run: Path, state: RunState = RunState.DONE, message: str | None = None) -> None:
        self.writers.pop(run).close(state, message)

    def resume(self, run: Path) -> None:
        self.done.append(("resume", run))
        self.writers[run] = RunWriter.resume(run)

    def stop(self, run: Path) -> None:
        self.done.append(("stop", run))
        LocalTraining().stop(run)

    def rename(self, run: Path, name: str) -> None:
        self.done.append(("rename", run))
        LocalTraining().rename(run, name)

    def bin(self, run: Path) -> Path:
        self.done.append(("bin", run))
        return LocalTraining().bin(run)

    def watch(self, folder: Path) -> None:
        self._watch().watch(folder)

    def unwatch(self, folder: Path) -> None:
        self._watch().forget(folder)

    def poll(self, followed: Sequence[Path]) -> WatchUpdate:
        self.polls.append(followed)
        return WatchUpdate((), ()) if self.folder is None else self._watch().poll(followed)

    def read_preview(self, path: Path) -> ObjectImage:
        return LocalTraining().read_preview(path)

    def read_table(self, run: Path) -> Sequence[Sequence[str]]:
        return LocalTraining().read_table(run)

    def read_settings(self, path: Path) -> TrainConfig:
        return LocalTraining().read_settings(path)

    def write_settings(self, config: TrainConfig, path: Path) -> None:
        LocalTraining().write_settings(config, path)

    def write_curves(self, runs: Sequence[DrawnRun], path: Path) -> None:
        LocalTraining().write_curves(runs, path)

    def close(self) -> None:
        """End what is alive, so that no file stays open."""
        for run in list(self.writers):
            self.end(run, RunState.STOPPED)

    def _watch(self) -> RunsWatch:
        if self.watcher is None:
            self.watcher = RunsWatch(self.folder)
        return self.watcher


def picture(step: int) -> ObjectImage:
    """A picture that tells its step by its amplitude."""
    return ObjectImage(np.full((20, 24), 1 + step / 1000, np.complex64), np.ones((20, 24), bool))
