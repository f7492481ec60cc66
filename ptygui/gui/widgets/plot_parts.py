"""Axes and fonts that all plots share: quiet, with true minus signs, coloured by the theme."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.numbers import MINUS


class NumberAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that writes '−50', in the unit of its label, without prefixes of its own."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-4)
        self.enableAutoSIPrefix(False)
        font = tick_font()
        self.setStyle(tickFont=font, maxTickLevel=1, autoExpandTextSpace=False, tickTextOffset=4)
        metrics = QFontMetricsF(font)
        self.text_width = metrics.horizontalAdvance(f"{MINUS}000.0")
        self.text_height = metrics.height()

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write the tick values with true minus signs (called by pyqtgraph)."""
        return [text.replace("-", MINUS) for text in super().tickStrings(values, scale, spacing)]

    def set_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.setPen(pg.mkPen(colors.grid))
        self.setTextPen(pg.mkPen(colors.axis))


def tick_font() -> QFont:
    """Return the application's font, a little smaller."""
    font = QGuiApplication.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(0.92 * font.pointSizeF())
    return font


def new_view_box() -> pg.ViewBox:
    """Make a view with +y down and square pixels, without pyqtgraph's own menus and buttons."""
    view = pg.ViewBox(enableMenu=False, lockAspect=1.0)
    view.invertY(True)
    view.disableAutoRange()
    return view
