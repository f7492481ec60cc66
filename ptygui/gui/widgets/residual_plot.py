"""How the residuals fall, epoch after epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ptygui.core.events import Epoch
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.line_plot import LinePlot
from ptygui.gui.widgets.numbers import duration, fixed, grouped
from ptygui.gui.widgets.quiet_line import stack_tightly


class ResidualPlot(QWidget):
    """R1 and R2 over the epochs, and R1 of what the refinement began with as a dashed line."""

    readout_changed = Signal(str)
    """The values under the cursor; empty when it is elsewhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = LinePlot("epoch", "residual")
        self.r1, self.r2 = self.plot.add_curve("R1"), self.plot.add_curve("R2")
        self.start = self.plot.add_curve("R1 of the start")
        self._epochs: Sequence[Epoch] = ()
        self._start_r1: float | None = None
        self._is_log = False
        stack_tightly(self, self.plot)
        self.plot.place_changed.connect(self._read_out)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_epochs(self, epochs: Sequence[Epoch], start_r1: float | None) -> None:
        """Draw these; the line of the start is left out where its residual is not known."""
        self._epochs, self._start_r1 = epochs, start_r1
        self.plot.show_curve(self.start, start_r1 is not None)
        self._draw()

    def set_log(self, on: bool) -> None:
        """Draw on a logarithmic axis, or a linear one."""
        self._is_log = on
        self.plot.y_axis.set_log(on)
        self._draw()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.plot.set_plot_colors(colors)
        for curve, color in zip((self.r1, self.r2), colors.lines, strict=True):
            self.plot.color_curve(curve, color)
        self.plot.color_curve(self.start, colors.axis, dashed=True)

    def _draw(self) -> None:
        numbers = np.array([epoch.number for epoch in self._epochs], np.float64)
        r1, r2 = (
            self._placed([getattr(epoch.residual, name) for epoch in self._epochs]) for name in ("r1", "r2")
        )
        end = float(max((epoch.total for epoch in self._epochs), default=1))
        start = self._placed([] if self._start_r1 is None else [self._start_r1] * 2)
        self.r1.setData(numbers, r1)
        self.r2.setData(numbers, r2)
        self.start.setData(np.array([0.0, end])[: len(start)], start)
        values = np.concatenate([r1, r2, start])
        values = values[np.isfinite(values)]
        if values.size:
            self.plot.show_range((0.0, 1.01 * end), (float(values.min()), float(values.max())))

    def _placed(self, values: Sequence[float]) -> NDArray[np.float64]:
        """Return where values lie on the axis; one that cannot be drawn is left out."""
        placed = np.asarray(values, np.float64)
        if self._is_log:
            placed = np.log10(placed, out=np.full_like(placed, np.nan), where=placed > 0)
        return placed

    def _read_out(self, x: float | None) -> None:
        if x is None or not self._epochs:
            self.plot.point_at(None)
            self.readout_changed.emit("")
            return
        nearest = min(self._epochs, key=lambda epoch: abs(epoch.number - x))
        self.plot.point_at(nearest.number)
        self.readout_changed.emit(epoch_readout(nearest))


def epoch_readout(epoch: Epoch) -> str:
    """Return 'epoch 7  R1 0.141  R2 0.120  deviance 1.02  2.1 s'."""
    parts = [f"epoch {grouped(epoch.number)}"]
    parts += [f"R1 {fixed(epoch.residual.r1, 4)}", f"R2 {fixed(epoch.residual.r2, 4)}"]
    if epoch.deviance is not None:
        parts.append(f"deviance {fixed(epoch.deviance, 3)}")
    return "\u2003".join([*parts, duration(epoch.seconds)])
