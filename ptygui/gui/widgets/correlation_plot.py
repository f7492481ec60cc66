"""A Fourier ring correlation with its thresholds, and where it falls below one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.line_plot import LinePlot
from ptygui.gui.widgets.numbers import SPACE, fixed, quantity, significant

if TYPE_CHECKING:
    from ptygui.core.frc import RingCorrelation

_ONE_SEVENTH = 1 / 7
"""As core.frc.ONE_SEVENTH, which loads what the window does not wait for."""


class CorrelationPlot(LinePlot):
    """FRC over spatial frequency; what is under the cursor stands beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("spatial frequency (1/px)", "FRC", parent)
        self._correlation: RingCorrelation | None = None
        self._mark, self._words = pg.InfiniteLine(angle=90), pg.TextItem()
        self._curve = self.add_curve("two halves")
        self._half_bit, self._seventh = self.add_curve("½ bit"), self.add_curve("1/7")
        for item in (self._mark, self._words):
            self.view.addItem(item, ignoreBounds=True)
        self.show_range((0.0, 0.5), (0.0, 1.0))
        self.place_changed.connect(self._read_out)
        self.set_correlation(None)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_correlation(self, correlation: RingCorrelation | None) -> None:
        """Draw a correlation; None draws nothing."""
        self._correlation = correlation
        empty = np.zeros(0)
        x = empty if correlation is None else correlation.frequency
        self._curve.setData(x, empty if correlation is None else correlation.correlation)
        self._half_bit.setData(x, empty if correlation is None else correlation.half_bit)
        self._seventh.setData(x, np.full(len(x), _ONE_SEVENTH))
        pixels = None if correlation is None else correlation.resolution_px()
        self._mark.setVisible(pixels is not None)
        if pixels is not None:
            self._mark.setValue(0.5 / pixels)
        self._read_out(None)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        super().set_plot_colors(colors)
        self._mark.setPen(pg.mkPen(colors.text))
        self._words.setColor(colors.text)
        self.color_curve(self._curve, colors.lines[0])
        self.color_curve(self._half_bit, colors.lines[1])
        self.color_curve(self._seventh, colors.axis, dashed=True)

    def _read_out(self, x: float | None) -> None:
        """Write what is under the cursor, or else what the mark says."""
        words, place = self._mark_words() if x is None else self._words_at(x)
        beyond = place > 0.25  # words to the right would reach over the edge
        self._words.setAnchor((1, 1) if beyond else (0, 0))
        self._words.setText(words)
        self._words.setPos(place, 0.0 if beyond else 1.0)  # where the curve is not

    def _mark_words(self) -> tuple[str, float]:
        pixels = None if self._correlation is None else self._correlation.resolution_px()
        if self._correlation is None or pixels is None:
            return "", 0.0
        metres = self._correlation.resolution_m()
        size = f"{significant(pixels)}{SPACE}px" if metres is None else quantity(metres, "m")
        return f"{size} (½ bit)", 0.5 / pixels

    def _words_at(self, x: float) -> tuple[str, float]:
        if self._correlation is None or x <= 0:
            return "", 0.0
        value = float(np.interp(x, self._correlation.frequency, self._correlation.correlation))
        return f"{significant(0.5 / x)}{SPACE}px: FRC {fixed(value, 2)}", x
