"""What the presenters of training ask for: `gui.training_backend` fulfils it, tests fake it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ptygui.core.preparation import Preparation
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.train.config import TrainConfig

if TYPE_CHECKING:
    from ptygui.jobs.sizes import SizeEstimate
    from ptygui.jobs.training_runs import WatchUpdate

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = ("small", "medium", "large")


@dataclass(frozen=True)
class Architecture:
    """A kind of network that can be trained."""

    name: str
    description: str
    """One sentence: what it is good for."""
    sizes: Mapping[Size, dict[str, Any]]
    """What each size changes in its configuration."""
    usual: Size | None = None
    """The size that it has if nothing is changed."""


class TrainingBackend(Protocol):
    """Every function may take long: presenters call them through a `Runner` only, each kind in one lane."""

    def architectures(self) -> Sequence[Architecture]:
        """List what can be trained; loads torch."""

    def scan_config(
        self, scan: Path, generator: str, minutes: float, device: str, preparation: Preparation
    ) -> TrainConfig:
        """Return the settings that suit a measured scan, prepared like this."""

    def estimate(self, config: TrainConfig, pattern_px: int) -> SizeEstimate:
        """Say how large a generator is, and how long a step takes on the device."""

    def start(self, config: TrainConfig) -> Path:
        """Start a training that outlives the window; returns its run directory. Raises PtyguiError."""

    def resume(self, run: Path) -> None:
        """Go on with a run from its last checkpoint; raises PtyguiError."""

    def stop(self, run: Path) -> None:
        """Ask a run to save and end; raises PtyguiError."""

    def rename(self, run: Path, name: str) -> None:
        """Give a run another name; raises PtyguiError."""

    def bin(self, run: Path) -> Path:
        """Put a run into the bin, and tell where it lies now; raises PtyguiError."""

    def watch(self, folder: Path) -> None:
        """Watch another directory; raises PtyguiError."""

    def unwatch(self, folder: Path) -> None:
        """No longer watch it."""

    def poll(self, followed: Sequence[Path]) -> WatchUpdate:
        """Look at every run, and at the curves of some."""

    def read_preview(self, path: Path) -> ObjectImage:
        """Read the picture that a run left at a step; raises PtyguiError."""

    def read_table(self, run: Path) -> Sequence[Sequence[str]]:
        """Read the table of the study that a run belongs to, headings first; empty while there is none."""

    def write_curves(self, runs: Sequence[DrawnRun], path: Path) -> None:
        """Write curves as a table (CSV); raises PtyguiError."""

    def read_settings(self, path: Path) -> TrainConfig:
        """Read the settings of a training; raises PtyguiError."""

    def write_settings(self, config: TrainConfig, path: Path) -> None:
        """Write them, whole or not at all; raises PtyguiError."""
