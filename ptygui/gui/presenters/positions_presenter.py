"""A file with positions of its own: which columns, in which unit; the path shows whether it makes sense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import PtyguiError
from ptygui.core.reading import PositionColumns, StoredUnit
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.widgets.numbers import MINUS, grouped

if TYPE_CHECKING:
    from ptygui.io.positions.table import PositionTable

FIRST_ROWS = 5
OPEN = "by what makes sense"
UNITS: tuple[tuple[StoredUnit | None, str], ...] = (
    (None, OPEN), ("m", "metres"), ("mm", "millimetres"), ("um", "micrometres"), ("nm", "nanometres"),
    ("px", "object pixels"),
)  # fmt: skip

Accept = Callable[[PositionColumns, StoredUnit | None], None]


class PositionsView(Protocol):
    """The dialog."""

    def show_file(self, name: str, words: str) -> None:
        """Say which file it is, and what is in it."""

    def show_table(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show the first rows."""

    def show_choice(self, x: int, y: int, unit: int) -> None:
        """Show the columns and the unit that are chosen."""

    def show_path(self, positions: NDArray[np.float64]) -> None:
        """Draw the path, (n, 2) (y, x) in the unit of the file."""

    def show_problem(self, words: str, level: str) -> None:
        """Say what is wrong, or odd; empty for nothing."""

    def allow_use(self, allowed: bool) -> None:
        """Enable the button that uses it."""


class PositionsPresenter:
    """Reads the file off the main thread; proposes what the file tells."""

    def __init__(
        self,
        view: PositionsView,
        runner: Runner,
        backend: Backend,
        path: Path,
        patterns: int,
        accept: Accept,
    ) -> None:
        self._view, self._path, self._patterns, self._accept = view, path, patterns, accept
        self._table: PositionTable | None = None
        self._x = self._y = 0
        self._unit: StoredUnit | None = None
        view.show_file(path.name, "Reading…")
        view.allow_use(False)
        work = partial(backend.preview_positions, path)
        runner.call("positions", work, self._show, self._refuse)

    def choose(self, x: int, y: int, unit: int) -> None:
        """Take other columns, or another unit (an index of UNITS)."""
        self._x, self._y, self._unit = x, y, UNITS[unit][0]
        self._draw()

    def swap(self) -> None:
        """Take the columns the other way round."""
        self.choose(self._y, self._x, self._index_of_unit())
        self._view.show_choice(self._x, self._y, self._index_of_unit())

    def use(self) -> None:
        """Go on with what is chosen."""
        if self._table is not None:
            _, told = self._table.positions(self._x, self._y)
            columns = PositionColumns(path=str(self._path), x=self._x, y=self._y)
            self._accept(columns, None if told == self._unit else self._unit)

    def _show(self, table: PositionTable) -> None:
        self._table, self._x, self._y, self._unit = table, table.x, table.y, table.unit
        self._view.show_file(
            self._path.name, f"{table.format}: {grouped(len(table.values))} rows, of which the first are:"
        )
        head = [[f"{value:.6g}".replace("-", MINUS) for value in row] for row in table.head(FIRST_ROWS)]
        self._view.show_table(table.names, head)
        self._view.show_choice(self._x, self._y, self._index_of_unit())
        self._draw()

    def _refuse(self, error: Exception) -> None:
        self._view.show_file(self._path.name, "")
        self._view.show_problem(complaint_of(error).text, "error")

    def _draw(self) -> None:
        if self._table is None:
            return
        columns = PositionColumns(path=str(self._path), x=self._x, y=self._y)
        try:
            positions, _ = self._table.positions(*self._table.chosen(columns))
        except PtyguiError as error:
            self._say(str(error), "error", allowed=False)
            return
        self._view.show_path(positions)
        odd = len(positions) != self._patterns
        words = f"{grouped(len(positions))} positions for {grouped(self._patterns)} patterns." if odd else ""
        self._say(words, "warning", allowed=True)

    def _say(self, words: str, level: str, *, allowed: bool) -> None:
        self._view.show_problem(words, level)
        self._view.allow_use(allowed)

    def _index_of_unit(self) -> int:
        return [unit for unit, _ in UNITS].index(self._unit)
