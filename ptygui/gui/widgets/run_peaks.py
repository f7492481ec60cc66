"""Spikes that would flatten a plot: left out of view, marked at its upper edge, shown on demand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from ptygui.gui.widgets.numbers import significant

if TYPE_CHECKING:
    from ptygui.gui.widgets.run_curve import RunCurve

_FLATTENS = 3.0
"""So many times the usual height leaves less than a third of it for nearly all of the values."""
_WORTH_TELLING = 1.5
"""So many times the height that is shown; a little above it there are always some raw values."""
_MARK, _BELOW_EDGE, _MARGIN = 9, 0.035, 4
_TIP = "Some values lie above the view. A click, or a double click on the plot, shows them"
_BACK = "leave out peaks"
_BACK_TIP = "Show what is below the peaks in detail again"


class RunPeaks(QToolButton):
    """Says how high the values go beyond the view; pressed, all of them are in view."""

    def __init__(self, view: pg.ViewBox, parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._parent = view, parent
        self._bottom = self._top = self._full = 0.0
        self._hides = False
        self.marks = pg.ScatterPlotItem(size=_MARK, symbol="t1", pxMode=True, pen=None)
        self.marks.setZValue(22)
        view.addItem(self.marks, ignoreBounds=True)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def top(self, curves: Collection[RunCurve], *, is_log: bool) -> float:
        """Return up to where these curves are shown, at least one of them, all with bounds."""
        bounds = [curve.bounds for curve in curves if curve.bounds is not None]
        self._bottom, highest = min(bound[2] for bound in bounds), max(bound[3] for bound in bounds)
        usual = max(curve.usual_top for curve in curves)
        self._full = max(curve.full_top for curve in curves)
        is_flattened = highest - self._bottom > _FLATTENS * (usual - self._bottom) > 0
        self._top = usual if is_flattened and not is_log else highest
        if is_log:
            self._full = self._top
        self._hides = self._full - self._bottom > _WORTH_TELLING * (self._top - self._bottom)
        return self._full if self._hides and self.isChecked() else self._top

    def show_beyond(self, curves: Sequence[tuple[str, RunCurve]]) -> None:
        """Mark where the curves, each with its colour, go beyond what `top` told."""
        self.setVisible(self._hides)
        beyond = [
            (color, curve)
            for color, curve in curves
            if self._hides
            and not self.isChecked()
            and curve.full_top - self._bottom > _WORTH_TELLING * (self._top - self._bottom)
        ]
        low, high = self._view.viewRange()[1]
        edge = high - _BELOW_EDGE * (high - low)
        self.marks.setData(
            [curve.peak_x() for _, curve in beyond],
            [edge] * len(beyond),
            brush=[pg.mkBrush(color) for color, _ in beyond],
        )
        self.setText(_BACK if self.isChecked() else f"\u25b2\u2009up to {significant(self._full, 3)}")
        self.setToolTip(_BACK_TIP if self.isChecked() else _TIP)
        self.place()

    def forget(self) -> None:
        """Mark nothing in a view that the user has chosen."""
        self.marks.setData([], [])
        self.hide()

    def place(self) -> None:
        """Stand in the upper right corner of the view."""
        self.adjustSize()
        self.move(self._parent.width() - self.width() - _MARGIN, _MARGIN)
