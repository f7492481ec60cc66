"""The table of the study that the chosen run belongs to, as it grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.study_words import Table

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunSummary

ReadTable = Callable[[Path], Table]
ShowTable = Callable[[str, Sequence[str], Table], None]
_LANE = "table"


class StudyTableReader:
    """Reads tables off the main thread; `show` is told a title, headings and rows when they changed."""

    def __init__(
        self, runner: Runner, read: ReadTable, show: ShowTable, complain: Callable[[Exception], None]
    ) -> None:
        self._runner, self._read, self._show, self._complain = runner, read, show, complain
        self._study = ""
        self._told: object = None

    def look(self, run: RunSummary | None) -> None:
        """Read the table of the study of a run; without a study there is none."""
        self._study = "" if run is None else run.study
        if run is None or not run.study:
            self._tell("", ())
            return
        self._runner.call(_LANE, partial(self._read, run.path), partial(self._got, run.study), self._complain)

    def _got(self, study: str, table: Table) -> None:
        if study == self._study:  # else another run was chosen meanwhile
            self._tell(study, table)

    def _tell(self, study: str, table: Table) -> None:
        if (study, table) != self._told:
            self._told = study, table
            self._show(study, table[0] if table else (), table[1:])
