"""Which runs are drawn over each other, and in which colour: one that is drawn keeps its colour."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

MOST_DRAWN = 8


class Overlay:
    """Runs that are drawn, in the order in which they were added."""

    def __init__(self) -> None:
        self._colors: dict[Path, int] = {}

    @property
    def paths(self) -> list[Path]:
        """What is drawn."""
        return list(self._colors)

    def color(self, run: Path) -> int | None:
        """Return the number of the colour of a run, None if it is not drawn."""
        return self._colors.get(run)

    def add(self, run: Path) -> bool:
        """Draw a run; False if there are as many as one can tell apart already."""
        if run in self._colors:
            return True
        if len(self._colors) >= MOST_DRAWN:
            return False
        self._colors[run] = min(set(range(MOST_DRAWN)) - set(self._colors.values()))
        return True

    def remove(self, run: Path) -> None:
        """No longer draw a run."""
        self._colors.pop(run, None)

    def show_only(self, runs: Collection[Path]) -> None:
        """Draw these, as far as they can be told apart; those that stay keep their colour."""
        for other in [path for path in self._colors if path not in runs]:
            self.remove(other)
        for run in runs:
            self.add(run)
