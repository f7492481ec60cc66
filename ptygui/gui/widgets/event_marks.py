"""Where something happened to a run: a thin line with a word, and a mark on the curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from ptygui.runs.layout import HealthEvent

_MARK = 11
_ANCHORS = [(-0.04, 0.5), (1.04, 0.5)]
"""A name stands beside its line, on the side where there is room."""


class EventMarks:
    """The events of one run in a view."""

    def __init__(self, view: pg.ViewBox) -> None:
        self._view = view
        self._lines: list[pg.InfiniteLine] = []
        self.marks = pg.ScatterPlotItem(size=_MARK, symbol="t", pxMode=True)
        self.marks.setZValue(20)
        view.addItem(self.marks, ignoreBounds=True)
        self.places: list[tuple[float, HealthEvent]] = []
        self._shown: object = None

    def remove(self) -> None:
        """Take everything out of the view."""
        self._clear_lines()
        self._view.removeItem(self.marks)

    def show(
        self, places: Sequence[tuple[float, float | None, HealthEvent]], color: str, ground: str
    ) -> None:
        """Mark events at (x, height of the curve or None); the first of a kind in a row is named."""
        shown = ([(x, y, id(event)) for x, y, event in places], color, ground)
        if shown == self._shown:
            return
        self._shown = shown
        self._clear_lines()
        self.places = [(x, event) for x, _, event in places]
        before = None
        for x, _, event in places:
            self._add_line(x, event.ailment if event.ailment != before else "", color, ground)
            before = event.ailment
        on_curve = [(x, y) for x, y, _ in places if y is not None]
        self.marks.setData([x for x, _ in on_curve], [y for _, y in on_curve])
        self.marks.setBrush(pg.mkBrush(color))
        self.marks.setPen(None)

    def near(self, x: float, reach: float) -> HealthEvent | None:
        """Return the event nearest to `x`, not farther than `reach`."""
        close = [(abs(place - x), event) for place, event in self.places if abs(place - x) <= reach]
        return min(close, key=lambda found: found[0])[1] if close else None

    def _add_line(self, x: float, word: str, color: str, ground: str) -> None:
        line = pg.InfiniteLine(pos=x, angle=90, pen=pg.mkPen(color, style=Qt.PenStyle.DashLine))
        line.setZValue(19)
        if word:
            label = pg.InfLineLabel(line, word, position=0.93, color=color, anchors=_ANCHORS)
            label.fill = pg.mkBrush(ground)
            label.setZValue(21)
        self._view.addItem(line, ignoreBounds=True)
        self._lines.append(line)

    def _clear_lines(self) -> None:
        for line in self._lines:
            self._view.removeItem(line)
        self._lines = []
