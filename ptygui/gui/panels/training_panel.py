"""The Training tab: runs on the left; pictures above the curves of several on the right."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from ptygui.gui.panels.training_curves import TrainingCurves
from ptygui.gui.panels.training_pictures import TrainingPictures
from ptygui.gui.panels.training_runs import TrainingRuns
from ptygui.gui.presenters.training_screen import (
    ArmLevels,
    ArmPicture,
    DrawnRun,
    RunActions,
    RunLevel,
    RunRow,
)
from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.cards import text_label
from ptygui.gui.widgets.turns import Turns

if TYPE_CHECKING:
    from ptygui.core.scan import ObjectImage


_NONE_YET = "No training runs yet. Press “Train…” to start one on the open scan."


class TrainingPanel(QWidget):
    """Runs, preview and curves (presenters.training_screen.TrainingScreen)."""

    run_chosen = Signal(Path)
    run_overlaid = Signal(Path, bool)
    """Draw the curves of a run, or no longer."""
    run_hidden = Signal(Path, bool)
    """Its name in the legend was clicked."""
    new_requested = Signal()
    watch_requested = Signal()
    """Another directory is to be watched."""
    stop_requested = Signal()
    resume_requested = Signal()
    use_requested = Signal()
    rename_requested = Signal(Path, str)
    bin_requested = Signal()
    folder_requested = Signal()
    preview_wanted = Signal(int)
    """Position among the steps of `show_previews`; the last one means: follow the newest."""
    play_toggled = Signal(bool)
    figure_requested = Signal()
    """The figure of the study."""
    export_wanted = Signal(str)
    """'csv', 'png' or 'svg'."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.turns = Turns(self)
        self.runs, self.pictures = TrainingRuns(), TrainingPictures()
        self.preview, self.curves = self.pictures.preview, TrainingCurves(self.turns)
        self.empty = text_label(_NONE_YET, "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self._right = QStackedWidget()
        self._right.addWidget(self.empty)
        self._right.addWidget(
            _splitter(Qt.Orientation.Vertical, (self.pictures, 3, 330), (self.curves, 2, 270))
        )
        sides = _splitter(Qt.Orientation.Horizontal, (self.runs, 0, 250), (self._right, 1, 750))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(sides)
        self._connect()

    def _connect(self) -> None:
        runs, curves = self.runs, self.curves
        runs.new_button.clicked.connect(lambda: self.new_requested.emit())
        runs.watch_button.clicked.connect(lambda: self.watch_requested.emit())
        for source, target in (
            (runs.list.run_chosen, self.run_chosen),
            (runs.list.run_overlaid, self.run_overlaid),
            (runs.stop_requested, self.stop_requested),
            (runs.resume_requested, self.resume_requested),
            (runs.use_requested, self.use_requested),
            (runs.rename_requested, self.rename_requested),
            (runs.bin_requested, self.bin_requested),
            (runs.folder_requested, self.folder_requested),
            (self.preview.wanted, self.preview_wanted),
            (self.preview.play_toggled, self.play_toggled),
            (curves.run_hidden, self.run_hidden),
            (curves.export_wanted, self.export_wanted),
            (self.pictures.run_chosen, self.run_chosen),
            (self.pictures.figure_requested, self.figure_requested),
        ):
            source.connect(target)

    def show_runs(self, rows: Sequence[RunRow], chosen: Path | None) -> None:
        """List the runs, with one of them chosen."""
        self.runs.show_runs(rows, chosen)
        self._right.setCurrentIndex(int(bool(rows)))

    def show_actions(self, actions: RunActions) -> None:
        """Offer what can be done with the chosen run."""
        self.runs.show_actions(actions)

    def show_curves(self, runs: Sequence[DrawnRun]) -> None:
        """Draw the curves of these runs over each other."""
        self.curves.show_curves(runs)

    def show_previews(self, steps: Sequence[int], index: int | None, following: bool) -> None:
        """Offer the previews of the chosen run by their steps."""
        self.preview.show_positions(steps, index, following)

    def show_preview(self, image: ObjectImage | None, caption: str) -> None:
        """Show a preview and say what it is; None: there is none, and why."""
        self.turns.put("picture", partial(self.preview.show_image, image, caption))

    def show_state(self, sentence: str, level: RunLevel) -> None:
        """Say how the chosen run fares."""
        self.runs.show_state(sentence, level)

    def show_table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the table of a study; no rows: none."""
        self.pictures.show_table(title, header, rows)

    def show_arms(self, arms: Sequence[ArmPicture], levels: ArmLevels) -> None:
        """Show a picture of every arm of a study beside each other; none: no study."""
        self.turns.put("arms", partial(self.pictures.show_arms, arms, levels))

    def save_plots(self, path: Path) -> None:
        """Write both plots as PNG or SVG, by the suffix; raises OSError."""
        self.curves.save_plots(path)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        for part in (self.runs, self.pictures, self.curves):
            part.set_plot_colors(colors)


def _splitter(direction: Qt.Orientation, *parts: tuple[QWidget, int, int]) -> QSplitter:
    """Put parts beside each other; each is (widget, share of what is gained, first size)."""
    splitter = QSplitter(direction)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(8)
    for widget, share, _ in parts:
        splitter.addWidget(widget)
        splitter.setStretchFactor(splitter.indexOf(widget), share)
    splitter.setSizes([size for _, _, size in parts])
    return splitter
