"""Amplitude and phase of a complex field beside each other, equal in size, linked in pan, zoom and cursor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.image_pane import COLUMNS, ImagePane
from ptygui.gui.widgets.plot_canvas import PlotCanvas

AMPLITUDE_MAP = "colorcet:cet_l1"
"""Grey, perceptually uniform."""
PHASE_MAP = "matplotlib:twilight"
"""Cyclic: -pi and pi are one colour."""


class ComplexPanes(PlotCanvas):
    """Two linked pictures of one complex array; knows nothing of scans.

    Until the user zooms or pans, the whole field is kept in view; `fit` returns to that.
    """

    cursor_at = Signal(QPointF)
    """In coordinates of the pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.amplitude = ImagePane(self.ci, 0, "Amplitude", np.abs, AMPLITUDE_MAP)
        self.phase = ImagePane(self.ci, COLUMNS, "Phase (rad)", np.angle, PHASE_MAP, y_axis=False)
        self.panes = (self.amplitude, self.phase)
        self._rect = QRectF()
        self._follows = True
        self._linking = False
        self._turn = 0.0
        self.ci.layout.setColumnFixedWidth(COLUMNS, 10)
        for pane in self.panes:
            pane.view.sigRangeChanged.connect(self._link)
            pane.view.sigRangeChangedManually.connect(self._stop_following)
            pane.view.sigResized.connect(self._keep_in_view)
        self.cursor_moved.connect(self._track)
        self.cursor_left.connect(self._forget_cursor)
        self.double_clicked.connect(self.fit)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_field(self, values: NDArray[Any], rect: QRectF, valid: NDArray[np.bool_] | None = None) -> None:
        """Show a complex array (rows, cols) on `rect`, +y down; invalid elements are left out."""
        for pane in self.panes:
            pane.item.set_field(values, rect, valid)
        if rect != self._rect:
            self._rect = rect
            self._keep_in_view()

    def set_phase_turn(self, radians: float) -> None:
        """Show the phase less a constant; the array stays as it is."""
        if radians == self._turn:
            return
        self._turn = radians
        factor = np.complex64(np.exp(-1j * radians))
        self.phase.item.set_quantity(lambda values: np.angle(values * factor))

    def shown_phase(self, value: complex) -> float:
        """Return the phase of a value as it is shown, in radians."""
        return float(np.angle(value * np.exp(-1j * self._turn)))

    def set_axis_labels(self, x: str, y: str) -> None:
        """Write what the axes mean, unit included."""
        for pane in self.panes:
            pane.set_axis_labels(x, y)

    def fit(self) -> None:
        """Show the whole field, now and when it grows."""
        self._follows = True
        self._keep_in_view()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        super().set_plot_colors(colors)
        for pane in self.panes:
            pane.set_plot_colors(colors)

    def _keep_in_view(self) -> None:
        if self._follows and not self._rect.isEmpty():
            self.amplitude.fit(self._rect)

    def _stop_following(self) -> None:
        self._follows = False

    def _link(self, source: Any) -> None:
        if self._linking:
            return
        self._linking = True
        other = self.phase if source is self.amplitude.view else self.amplitude
        x_range, y_range = source.viewRange()
        other.view.setRange(xRange=x_range, yRange=y_range, padding=0)
        self._linking = False

    def _track(self, scene_point: QPointF) -> None:
        for pane, other in (self.panes, self.panes[::-1]):
            point = pane.cursor_at(scene_point)
            if point is not None:
                pane.show_mark(None)
                other.show_mark(point)
                self.cursor_at.emit(point)
                return
        self.cursor_left.emit()

    def _forget_cursor(self) -> None:
        for pane in self.panes:
            pane.show_mark(None)
