"""Axes, fonts and views that all plots share: quiet, with true minus signs, coloured by the theme."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.numbers import MINUS


class NumberAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that writes '−50', in the unit of its label, without prefixes of its own."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=4)
        self.enableAutoSIPrefix(False)
        font = tick_font()
        self.setStyle(tickFont=font, maxTickLevel=0, autoExpandTextSpace=False, tickTextOffset=3)
        metrics = QFontMetricsF(font)
        self.room = metrics.horizontalAdvance(f"{MINUS}0000") + metrics.height() + 7
        """What a vertical axis with a label needs; fixed, so that pictures do not move with their numbers."""
        self.room_unlabelled = metrics.horizontalAdvance(f"{MINUS}0.00") + 9
        """The same for the short numbers of a colour bar."""

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


def title_size() -> str:
    """Return the size of titles as pyqtgraph wants it, a little larger than the application's font."""
    points = QGuiApplication.font().pointSizeF()
    return f"{1.15 * points:.1f}pt" if points > 0 else "11pt"


def new_view_box() -> pg.ViewBox:
    """Make a view with +y down and square pixels, without pyqtgraph's own menus and buttons."""
    view = pg.ViewBox(enableMenu=False, lockAspect=1.0)
    view.invertY(True)
    view.disableAutoRange()
    return view
