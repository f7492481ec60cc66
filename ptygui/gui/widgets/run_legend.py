"""The names of the runs that are drawn, in their colours; a click hides a run or shows it again."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.presenters.training_screen import DrawnRun
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import WrappingLabel

_SHOWN, _HIDDEN = "━", "┅"
_TIP = "Click a name to hide the run or to show it again"
_LONGEST = 22
_BETWEEN = "&nbsp;&nbsp;&nbsp; "


class RunLegend(WrappingLabel):
    """Names that wrap; reachable with the keyboard, too."""

    run_hidden = Signal(Path, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__()
        if parent is not None:
            self.setParent(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._runs: Sequence[DrawnRun] = ()
        self._colors = DEFAULT_PLOT_COLORS
        self._said = ""
        self.linkActivated.connect(self._toggle)

    def set_runs(self, runs: Sequence[DrawnRun]) -> None:
        """Name these runs."""
        self._runs = runs
        self._write()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self._colors = colors
        self._write()

    def one_line_width(self) -> int:
        """Return the width that all names beside each other take."""
        words = "".join(f"{_SHOWN} {shortened(run.name)}     " for run in self._runs)
        return self.fontMetrics().horizontalAdvance(words)

    def _write(self) -> None:
        said = _BETWEEN.join(self._entry(index, run) for index, run in enumerate(self._runs))
        if said != self._said:  # or the link under the mouse would be lost at every poll
            self._said = said
            self.setText(said)
            names = "\n".join(run.name for run in self._runs)
            self.setToolTip(f"{names}\n\n{_TIP}" if names else "")

    def _entry(self, index: int, run: DrawnRun) -> str:
        color = self._colors.axis if run.hidden else self._colors.run(run.color)
        name = html.escape(shortened(run.name)).replace(" ", "&nbsp;")
        name = f"<s>{name}</s>" if run.hidden else name
        mark = _HIDDEN if run.hidden else _SHOWN
        return f'<a href="{index}" style="color:{color}; text-decoration:none">{mark}&nbsp;{name}</a>'

    def _toggle(self, link: str) -> None:
        run = self._runs[int(link)]
        self.run_hidden.emit(run.key, not run.hidden)


def shortened(name: str) -> str:
    """Cut a long name in its middle: runs of a study differ at both ends."""
    if len(name) <= _LONGEST:
        return name
    kept = _LONGEST - 1
    return f"{name[: kept - kept // 2].rstrip()}…\u2060{name[-(kept // 2) :].lstrip()}"
