"""Curves over one axis: what the plots of residuals and of correlations share."""

from __future__ import annotations

import html

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QGraphicsView, QWidget

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.plot_canvas import PlotCanvas
from ptygui.gui.widgets.plot_parts import NumberAxis, ValueAxis

_MARGIN = 0.06
Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""(x, y) of a curve."""


class LinePlot(PlotCanvas):
    """Thin curves, a legend, a line under the cursor; the whole of the data is always in view."""

    place_changed = Signal(object)
    """x under the cursor, or None."""

    def __init__(self, x_label: str, y_label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Whole: clipped to part of the plot, a noisy curve is painted twenty times as slowly.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.view = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.view.disableAutoRange()
        self.x_axis, self.y_axis = NumberAxis("bottom"), ValueAxis("left")
        self.legend = pg.LabelItem(justify="right")
        self.ci.addItem(self.legend, 0, 1)  # above, where no curve crosses its words
        self.ci.addItem(self.y_axis, 1, 0)
        self.ci.addItem(self.view, 1, 1)
        self.ci.addItem(self.x_axis, 2, 1)
        self.y_axis.setWidth(self.y_axis.room)
        for axis, label in ((self.x_axis, x_label), (self.y_axis, y_label)):
            axis.linkToView(self.view)
            axis.setLabel(label)
        self._names: dict[pg.PlotCurveItem, str] = {}
        self._samples: dict[pg.PlotCurveItem, str] = {}
        self._title = ""
        self._cursor = pg.InfiniteLine(angle=90)
        self._cursor.hide()
        self.view.addItem(self._cursor, ignoreBounds=True)
        self.cursor_moved.connect(self._track)
        self.cursor_left.connect(lambda: self._point_at(None))

    def add_curve(self, name: str) -> pg.PlotCurveItem:
        """Add a curve without points yet, named in the legend."""
        curve = pg.PlotCurveItem(antialias=True)
        self.view.addItem(curve)
        self._names[curve] = name
        return curve

    def color_curve(self, curve: pg.PlotCurveItem, color: str, *, dashed: bool = False) -> None:
        """Give a curve its colour, and its name in the legend too."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        curve.setPen(pg.mkPen(color, style=style))
        words = f"{'╌' if dashed else '─'} {self._names[curve]}"
        self._samples[curve] = f'<span style="color: {color}">{words}</span>'
        self._write_legend()

    def show_curve(self, curve: pg.PlotCurveItem, shown: bool) -> None:
        """Show a curve and its name, or neither."""
        curve.setVisible(shown)
        self._write_legend()

    def set_title(self, words: str) -> None:
        """Say before the legend what the curves are of."""
        self._title = words
        self._write_legend()

    def show_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this much, and a little more above and below."""
        room = _MARGIN * (y[1] - y[0]) or 0.5 * abs(y[0]) or 1.0
        self.view.setRange(xRange=x, yRange=(y[0] - room, y[1] + room), padding=0)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        super().set_plot_colors(colors)
        for axis in (self.x_axis, self.y_axis):
            axis.set_colors(colors)
        self.legend.setText("", color=colors.axis)
        self._write_legend()
        self._cursor.setPen(pg.mkPen(colors.axis, style=Qt.PenStyle.DotLine))

    def point_at(self, x: float | None) -> None:
        """Move the line under the cursor; None hides it."""
        self._cursor.setVisible(x is not None)
        if x is not None:
            self._cursor.setValue(x)

    def _write_legend(self) -> None:
        samples = (sample for curve, sample in self._samples.items() if curve.isVisible())
        parts = [html.escape(self._title), *samples]
        self.legend.setText((6 * "&nbsp;").join(parts))

    def _track(self, scene_point: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(scene_point)
        self._point_at(float(self.view.mapSceneToView(scene_point).x()) if inside else None)

    def _point_at(self, x: float | None) -> None:
        self.point_at(x)
        self.place_changed.emit(x)
