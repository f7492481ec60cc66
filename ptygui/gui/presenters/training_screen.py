"""What the Training tab shows, in plain values, and what its view must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.gui.widgets.levels import Levels

if TYPE_CHECKING:
    from ptygui.core.scan import ObjectImage
    from ptygui.runs.history import Series
    from ptygui.runs.layout import HealthEvent

RunLevel = Literal["ok", "running", "warning", "problem"]
"""How a run fares: it ended well, it goes on, it may need a look, it went wrong."""


@dataclass(frozen=True)
class RunRow:
    """A run in the list."""

    key: Path
    """Its directory."""
    name: str
    generator: str
    state: str
    """'running 34 %', 'done', 'lost', 'failed', ..."""
    level: RunLevel
    age: str
    """'12 min'."""
    best: str
    """'R1 0.046'; empty while there is none."""
    tip: str = ""
    """Its message and the last lines of its log."""
    color: int | None = None
    """Index of its colour while its curves are drawn; None: they are not."""
    group: str = ""
    """Name of the study it belongs to."""


@dataclass(frozen=True)
class RunActions:
    """What can be done with the chosen run."""

    stop: bool = False
    resume: bool = False
    use: bool = False
    """Its bundle, the best so far of a running one, can be taken for reconstruction."""
    rename: bool = False
    bin: bool = False
    open_folder: bool = False


@dataclass(frozen=True)
class DrawnRun:
    """The curves of a run."""

    key: Path
    name: str
    color: int
    hidden: bool
    """Named in the legend, but not drawn."""
    series: Mapping[tuple[str, str], Series]
    """By (split, metric)."""
    events: Sequence[HealthEvent] = ()


ArmLevels = tuple[Levels, Levels]
"""Of amplitude and phase (rad), the same for all arms of a study."""


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture of an object; NaN where nothing was measured."""

    amplitude: NDArray[np.float32]
    """(rows, cols)."""
    phase: NDArray[np.float32]
    """(rows, cols) rad, one global phase removed."""
    amplitude_levels: Levels
    """What it would span alone."""
    phase_levels: Levels


@dataclass(frozen=True)
class ArmPicture:
    """A run of a study: who it is, how good, and what its newest picture shows."""

    key: Path
    name: str
    figure: str
    """'R1 0.046'; empty while there is none."""
    color: int
    """Index of the colour of its curve."""
    chosen: bool
    thumbnail: Thumbnail | None
    """None: there is no picture yet."""


class TrainingScreen(Protocol):
    """The view (panels.training_panel.TrainingPanel)."""

    def show_runs(self, rows: Sequence[RunRow], chosen: Path | None) -> None:
        """List the runs, with one of them chosen."""

    def show_actions(self, actions: RunActions) -> None:
        """Offer what can be done with the chosen run."""

    def show_curves(self, runs: Sequence[DrawnRun]) -> None:
        """Draw the curves of these runs over each other."""

    def show_previews(self, steps: Sequence[int], index: int | None, following: bool) -> None:
        """Offer the previews of the chosen run by step; `following`: the newest is shown as it comes."""

    def show_preview(self, image: ObjectImage | None, caption: str) -> None:
        """Show a preview and say what it is; None: there is none, and why."""

    def show_state(self, sentence: str, level: RunLevel) -> None:
        """Say how the chosen run fares."""

    def show_table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the table of a study; no rows: none."""

    def show_arms(self, arms: Sequence[ArmPicture], levels: ArmLevels) -> None:
        """Show a picture of every arm of a study beside each other; none: no study."""
