"""Trainings for the real window: `jobs.training_runs` and `jobs.sizes`, loaded where they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ptygui.core.atomic import replacing
from ptygui.core.errors import ConfigError, ExportError
from ptygui.core.preparation import Preparation
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.study_words import arms_table
from ptygui.gui.presenters.training_backend import SIZES, Architecture
from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.io.writers.curves_csv import write_curves
from ptygui.train.config import TrainConfig, dump_config, load_config

if TYPE_CHECKING:
    from ptygui.jobs.sizes import SizeEstimate
    from ptygui.jobs.training_runs import RunsWatch, WatchUpdate

_TABLE = "table.md"


class LocalTraining:
    """Fulfils `presenters.training_backend.TrainingBackend`."""

    def __init__(self, folder: Path | None = None, opening_libraries: Lock | None = None) -> None:
        self._folder = folder
        self._opening_libraries = opening_libraries or Lock()
        self._watch: RunsWatch | None = None

    def architectures(self) -> Sequence[Architecture]:
        """List what can be trained; loads torch."""
        from ptygui.generators.registry import list_generators

        return [_architecture(name, one.description) for name, one in list_generators().items()]

    def scan_config(
        self, scan: Path, generator: str, minutes: float, device: str, preparation: Preparation
    ) -> TrainConfig:
        """Return the settings that suit a measured scan, prepared like this."""
        from ptygui.jobs.training import scan_config

        return scan_config(scan, generator, minutes, None, device, preparation)

    def estimate(self, config: TrainConfig, pattern_px: int) -> SizeEstimate:
        """Say how large a generator is, and how long a step takes on the device."""
        from ptygui.jobs.sizes import estimate_size

        return estimate_size(config, pattern_px)

    def start(self, config: TrainConfig) -> Path:
        """Start a training that outlives the window; returns its run directory."""
        from ptygui.jobs.training import check_config
        from ptygui.jobs.training_runs import start_training

        check_config(config)
        return start_training(config, self._folder)

    def resume(self, run: Path) -> None:
        """Go on with a run from its last checkpoint."""
        from ptygui.jobs.training_runs import resume_training

        resume_training(run)

    def stop(self, run: Path) -> None:
        """Ask a run to save and end."""
        from ptygui.jobs.training_runs import stop_training

        stop_training(run)

    def rename(self, run: Path, name: str) -> None:
        """Give a run another name."""
        from ptygui.jobs.training_runs import rename_run

        rename_run(run, name)

    def bin(self, run: Path) -> Path:
        """Put a run into the bin, and tell where it lies now."""
        from ptygui.jobs.training_runs import bin_run

        return bin_run(run)

    def watch(self, folder: Path) -> None:
        """Watch another directory."""
        self._runs().watch(folder)

    def unwatch(self, folder: Path) -> None:
        """No longer watch it."""
        self._runs().forget(folder)

    def poll(self, followed: Sequence[Path]) -> WatchUpdate:
        """Look at every run, and at the curves of some."""
        return self._runs().poll(followed)

    def read_preview(self, path: Path) -> ObjectImage:
        """Read the picture that a run left at a step."""
        from ptygui.runs.previews import read_preview

        return read_preview(path)

    def read_table(self, run: Path) -> Sequence[Sequence[str]]:
        """Read the table of the study that a run belongs to; empty while there is none."""
        try:
            return arms_table((run.parent / _TABLE).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return []  # a study writes its table when its first run is done

    def write_curves(self, runs: Sequence[DrawnRun], path: Path) -> None:
        """Write curves as a table (CSV), one point a line."""
        try:
            write_curves(path, [(run.name, run.series) for run in runs])
        except OSError as error:
            raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error

    def read_settings(self, path: Path) -> TrainConfig:
        """Read the settings of a training."""
        return load_config(path)

    def write_settings(self, config: TrainConfig, path: Path) -> None:
        """Write them, whole or not at all."""
        try:
            with replacing(path) as temporary:
                temporary.write_text(dump_config(config), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror or error}.") from error

    def _runs(self) -> RunsWatch:
        """Return what watches; used in one lane only."""
        if self._watch is None:
            with self._opening_libraries:
                from ptygui.jobs.training_runs import RunsWatch

            self._watch = RunsWatch(self._folder)
        return self._watch


def _architecture(name: str, description: str) -> Architecture:
    from ptygui.generators.registry import default_config
    from ptygui.jobs.sizes import size_config

    sizes, defaults = {size: size_config(name, size) for size in SIZES}, default_config(name)
    usual = (size for size, changes in sizes.items() if changes.items() <= defaults.items())
    return Architecture(name, description, sizes, next(usual, None))
