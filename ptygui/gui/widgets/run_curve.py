"""One curve of one run: the raw line faintly, the smoothed one over it, points where there are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ptygui.gui.widgets.smoothing import smooth_line
from ptygui.gui.widgets.thinning import thinned

if TYPE_CHECKING:
    from ptygui.runs.history import Series

_FAINT = 70
_FEW = 60
_THICK, _THICK_POINTS = 1.5, 120
"""Of more points the line is one pixel thin: a thick one that jumps up and down costs fifty times as much."""
_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
STYLE_MARKS = ("─", "╌", "┈", "─·", "─··")
"""The styles in words, in the same order."""
_NEAR, _SAMPLES = 100, 4000
_USUAL, _ENOUGH = 99.5, 20
"""The percentage of values that are usual, and how many there must be for that to mean anything."""
_EMPTY: NDArray[np.float64] = np.zeros(0)


@dataclass(frozen=True)
class Scale:
    """How values are placed on the axes."""

    time: bool = False
    """Minutes along the axis, not steps."""
    log: bool = False
    smoothing: float = 0.0

    def x(self, step: NDArray[np.float64], wall_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return places along the axis, which never go back (a clock may); NaN where there is no time."""
        if not self.time:
            return step
        return np.where(np.isfinite(wall_s), np.fmax.accumulate(wall_s), np.nan) / 60

    def y(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return places on the other axis; NaN for what has none."""
        if not self.log:
            return np.where(np.isfinite(values), values, np.nan)
        positive = np.isfinite(values) & (values > 0)
        return np.log10(values, out=np.full_like(values, np.nan), where=positive)


class RunCurve:
    """The items of a curve in a view; it draws anew only what changed."""

    def __init__(self, view: pg.ViewBox, noisy: bool, style: int) -> None:
        self._view, self._noisy = view, noisy
        self._style = _STYLES[style % len(_STYLES)]
        self.raw = pg.PlotCurveItem(connect="finite", antialias=False)
        self.line = pg.PlotCurveItem(connect="finite", antialias=True)
        self.dots = pg.ScatterPlotItem(size=5, pxMode=True)
        self._items = (self.raw, self.line, self.dots)
        for item in self._items:
            view.addItem(item, ignoreBounds=True)
        for item, height in zip(self._items, (0, 1 + style, 2 + style), strict=True):
            item.setZValue(height)
        self.x = self._raw_x = self._raw_y = self._line_y = self._shown = _EMPTY
        self._made_of: tuple[Series, Scale] | None = None
        self._color = ""
        self.bounds: tuple[float, float, float, float] | None = None
        """(left, right, bottom, top) of the line and nearly all of the raw values; None without any."""
        self.usual_top = self.full_top = 0.0
        """What nearly all values lie below, those of a spike left out; and what all of them lie below."""
        self._drawn_for: tuple[float, float, int] | None = None
        self._pen: tuple[str, float] | None = None

    def remove(self) -> None:
        """Take the curve out of the view."""
        for item in self._items:
            self._view.removeItem(item)

    def set_color(self, color: str) -> None:
        """Give all parts their colour."""
        if color == self._color:
            return
        self._color = color
        faint = QColor(color)
        faint.setAlpha(_FAINT)
        self.raw.setPen(pg.mkPen(faint))
        self._choose_pen()
        self.dots.setPen(None)
        self.dots.setBrush(pg.mkBrush(color))

    def set_series(self, series: Series, scale: Scale) -> None:
        """Take other values or another scale; nothing happens if both are the same objects."""
        made_of = self._made_of
        if made_of is not None and made_of[0] is series and made_of[1] == scale:
            return
        self._made_of, self._drawn_for = (series, scale), None
        self._raw_x, values = _placed(series, scale)
        smooths = self._noisy and scale.smoothing > 0
        smoothing = scale.smoothing if smooths else 0.0
        self.x, self._shown = smooth_line(self._raw_x, values, smoothing)
        self._line_y = scale.y(self._shown)
        self._raw_y = scale.y(values) if smooths else _EMPTY
        self.bounds = self._find_bounds()
        if self.bounds is not None:
            self.usual_top, self.full_top = self._find_tops(self.bounds[3])

    def draw(self, low: float, high: float, columns: int) -> None:
        """Draw what lies between two places, with as many points as can be told apart."""
        if self._drawn_for == (low, high, columns):
            return
        self._drawn_for = (low, high, columns)
        self.line.setData(*thinned(self.x, self._line_y, low, high, columns // 4))
        self._choose_pen()
        if self._raw_y.size:
            self.raw.setData(*thinned(self._raw_x, self._raw_y, low, high, columns))
        else:
            self.raw.setData(_EMPTY, _EMPTY)
        self._draw_dots()

    def _draw_dots(self) -> None:
        there = np.isfinite(self._line_y)
        few = 0 < np.count_nonzero(there) <= (1 if self._noisy else _FEW)
        if few:
            self.dots.setData(self.x[there], self._line_y[there])
        elif len(self.dots.data):
            self.dots.clear()

    def _choose_pen(self) -> None:
        points = self.line.xData
        width = _THICK if points is None or points.size <= _THICK_POINTS else 1.0
        if self._pen != (self._color, width):
            self._pen = self._color, width
            self.line.setPen(pg.mkPen(self._color, width=width, style=self._style))

    def value_at(self, x: float) -> float | None:
        """Return the value of the line at the nearest place; None beyond its ends."""
        index = self.nearest(x)
        return None if index is None else float(self._shown[index])

    def place_at(self, x: float) -> float | None:
        """Return the height of the line where it was last at or before `x`, on the axis of the view."""
        before = self._line_y[: int(np.searchsorted(self.x, x, side="right"))]
        for part in (before[-_NEAR:], before):
            there = part[np.isfinite(part)]
            if there.size:
                return float(there[-1])
        return None

    def nearest(self, x: float) -> int | None:
        """Return the index of the point nearest to `x`; None if `x` is well beyond the ends."""
        if not self.x.size:
            return None
        slack = (self.x[-1] - self.x[0]) / max(self.x.size - 1, 1)
        if not self.x[0] - slack <= x <= self.x[-1] + slack:
            return None
        after = int(np.searchsorted(self.x, x))
        near = [index for index in (after - 1, after) if 0 <= index < self.x.size]
        return min(near, key=lambda index: abs(float(self.x[index]) - x))

    def peak_x(self) -> float:
        """Return where the highest value stands; only with bounds."""
        x, y = (self._raw_x, self._raw_y) if self._raw_y.size else (self.x, self._line_y)
        return float(x[np.nanargmax(y)])

    def _find_tops(self, top: float) -> tuple[float, float]:
        values = self._raw_y if self._raw_y.size else self._line_y
        values = values[np.isfinite(values)]
        if values.size < _ENOUGH:
            return top, top
        usual = np.percentile(values[:: max(1, values.size // _SAMPLES)], _USUAL, method="lower")
        return min(float(usual), top), max(float(values.max()), top)

    def _find_bounds(self) -> tuple[float, float, float, float] | None:
        if not np.isfinite(self._line_y).any():
            return None
        bottom, top = float(np.nanmin(self._line_y)), float(np.nanmax(self._line_y))
        samples = self._raw_y[:: max(1, self._raw_y.size // _SAMPLES)]
        samples = samples[np.isfinite(samples)]
        if samples.size:
            low, high = np.percentile(samples, (0.2, 99.5))
            bottom, top = min(bottom, float(low)), max(top, float(high))
        return float(self._raw_x[0]), float(self._raw_x[-1]), bottom, top


def _placed(series: Series, scale: Scale) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the values that have a place along the axis, with their places."""
    if not series.step.size:
        return _EMPTY, _EMPTY
    x = scale.x(series.step, series.wall_s)
    there = np.isfinite(x)
    return (x, series.value) if there.all() else (x[there], series.value[there])
