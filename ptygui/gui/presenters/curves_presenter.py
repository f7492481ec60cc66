"""The curves of the refinement that runs, or of the last one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ptygui.core.events import Epoch
from ptygui.core.evidence import Residual


@dataclass
class Curves:
    """What is drawn of one refinement."""

    title: str
    start: Residual | None
    """What it began with, where that is known."""
    epochs: list[Epoch] = field(default_factory=list)


class CurvesScreen(Protocol):
    """The Curves tab."""

    def show_curves(self, curves: Curves | None) -> None:
        """Draw the curves so far; None says that there are none yet."""


class CurvesPresenter:
    """Collects the epochs of a refinement; a cancelled one gives way to the one before."""

    def __init__(self, view: CurvesScreen) -> None:
        self._view = view
        self._shown: Curves | None = None
        self._before: Curves | None = None

    def begin(self, title: str, start: Residual | None) -> None:
        """Begin with another refinement."""
        self._before, self._shown = self._shown, Curves(title, start)
        self._view.show_curves(self._shown)

    def add(self, epoch: Epoch) -> None:
        """Draw one more epoch."""
        if self._shown is not None:
            self._shown.epochs.append(epoch)
            self._view.show_curves(self._shown)

    def take_back(self) -> None:
        """Show those before again: the refinement left nothing."""
        self._shown = self._before
        self._view.show_curves(self._shown)
