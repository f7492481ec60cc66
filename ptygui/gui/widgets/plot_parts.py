"""Axes, fonts and views that all plots share: quiet, with true minus signs, coloured by the theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
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

    def tickValues(self, low: float, high: float, size: float) -> list[Any]:  # noqa: N802
        """Choose finer values where a narrow range holds less than two round ones (called by pyqtgraph)."""
        coarse, *finer = levels = super().tickValues(low, high, size)
        if len(coarse[1]) >= 2 or not finer:
            return levels  # type: ignore[no-any-return]
        spacing, between = finer[0]
        return [(spacing, sorted([*coarse[1], *between]))]

    def set_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.setPen(pg.mkPen(colors.grid))
        self.setTextPen(pg.mkPen(colors.axis))


class ValueAxis(NumberAxis):
    """An axis whose view may hold decimal logarithms; it writes the values themselves."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._is_log = False

    def set_log(self, on: bool) -> None:
        """Say whether the view holds logarithms."""
        self._is_log = on
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[Any]:  # noqa: N802
        """Choose round values, of logarithms too (called by pyqtgraph)."""
        if not self._is_log:
            return super().tickValues(low, high, size)
        return [(None, [math.log10(value) for value in _round_values(10**low, 10**high)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Write the tick values (called by pyqtgraph)."""
        if not self._is_log:
            return super().tickStrings(values, scale, spacing)
        return [f"{10**value:.6g}" for value in values]


def _round_values(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten in a range, or an even division where it holds too few."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [digit * 10.0**power for power in exponents for digit in (1, 2, 5)]
    found = [value for value in found if low <= value <= high]
    if len(found) > 2:
        return found
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next((step * part for part in (0.2, 0.5) if (high - low) / (step * part) <= 6), step)
    return [step * count for count in range(math.ceil(low / step), math.floor(high / step) + 1)]


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


class PaneTitle(pg.LabelItem):  # type: ignore[misc]
    """A title that takes height only: pictures are equally wide, whatever their names."""

    def updateMin(self) -> None:  # noqa: N802 (pyqtgraph)
        """Claim the room that is needed (called by pyqtgraph whenever that may have changed)."""
        super().updateMin()
        self.setMinimumWidth(0)
        for hint in (Qt.SizeHint.MinimumSize, Qt.SizeHint.PreferredSize):
            self._sizeHint[hint] = (0, self.itemRect().height())


def set_shown(item: pg.GraphicsWidget, shown: bool) -> None:
    """Show or hide a part of a plot; an axis gives up its room in these two methods only."""
    if shown:
        item.show()
    else:
        item.hide()


def new_view_box() -> pg.ViewBox:
    """Make a view with +y down and square pixels, without pyqtgraph's own menus and buttons."""
    view = pg.ViewBox(enableMenu=False, lockAspect=1.0)
    view.invertY(True)
    view.disableAutoRange()
    return view
