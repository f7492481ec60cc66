"""The Prepare tab as its presenters see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ptygui.gui.presenters.entry import Entry
from ptygui.gui.presenters.reading_rows import ReadingRow
from ptygui.gui.presenters.remembered_words import RememberedNote
from ptygui.gui.presenters.rows import Row
from ptygui.gui.presenters.step_entries import Offer

if TYPE_CHECKING:
    from ptygui.gui.overview import Overview


@dataclass(frozen=True)
class StepRow:
    """A step in the list."""

    words: str
    on: bool
    editable: bool
    """Whether it has a form."""
    tip: str = ""
    """What it did."""
    caution: str = ""
    """Of what it leaves too little."""


@dataclass(frozen=True)
class Frame:
    """The window of a crop, on the pattern before it."""

    centre: tuple[int, int]
    """(row, col)."""
    size: tuple[int, int]
    """(rows, cols)."""


@dataclass(frozen=True)
class StepForm:
    """A form to fill; `accept` returns what is wrong in a sentence, or nothing."""

    title: str
    lines: Sequence[tuple[Entry, str]]
    accept: Callable[[Mapping[str, str]], str]


class PrepareScreen(Protocol):
    """How the file is read, the steps, the mean pattern and the map."""

    def show_reading(self, rows: Sequence[ReadingRow], summary: str) -> None:
        """Show each value, where it comes from, and how to overrule it."""

    def show_remembered(self, note: RememberedNote) -> None:
        """Say how far the scan is prepared as remembered for such files."""

    def show_reading_problem(self, words: str) -> None:
        """Say what is wrong with what was typed; empty for nothing."""

    def show_orientation(self, words: str, running: bool) -> None:
        """Say what the search for the orientation found, or how far it is."""

    def allow_search(self, allowed: bool) -> None:
        """Allow or forbid to look for the orientation."""

    def refuse_steps(self, why: Mapping[Offer, str]) -> None:
        """Do not let these steps be added, and say why; all others may be."""

    def show_steps(self, rows: Sequence[StepRow], selected: int | None) -> None:
        """List the steps, in order."""

    def show_history(self, can_undo: bool, can_redo: bool) -> None:
        """Say whether something can be undone and redone."""

    def show_overview(self, overview: Overview, frame: Frame | None, seen_at: str) -> None:
        """Show the mean pattern with its mask, and the map; `seen_at` says after which steps."""

    def show_figures(self, rows: Sequence[Row]) -> None:
        """Show the numbers beside the pictures; the last of each says whether it deserves a look."""

    def show_nothing(self, reason: str) -> None:
        """Show no pictures and say why."""

    def show_scan(self, is_there: bool) -> None:
        """Show how a file is read, and the steps, only where there is a file."""

    def ask(self, form: StepForm) -> None:
        """Let the user fill a form."""

    def allow_change(self, allowed: bool) -> None:
        """Allow or forbid changes."""
