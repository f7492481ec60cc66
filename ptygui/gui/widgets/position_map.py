"""Where the patterns were taken: a map to look at, and to choose a pattern from."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.arrows_item import ArrowsItem, exaggeration
from ptygui.gui.widgets.cards import action_buttons
from ptygui.gui.widgets.color_bar import ColorBar
from ptygui.gui.widgets.lengths import LengthScale, PixelSize, length_scale, positions_rect
from ptygui.gui.widgets.level_control import view_action
from ptygui.gui.widgets.levels import robust_levels
from ptygui.gui.widgets.numbers import SPACE, fixed, grouped, significant
from ptygui.gui.widgets.plot_canvas import PlotCanvas
from ptygui.gui.widgets.plot_parts import NumberAxis, new_view_box
from ptygui.gui.widgets.points_item import PointsItem
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly
from ptygui.gui.widgets.value_points import ValuePoints

VALUE_MAP = "colorcet:cet_i1"
"""Equally light all along: no point fades into the background, be it dark or light."""


class PositionMap(QWidget):
    """Probe positions, +y down, in micrometres or pixels; a click selects the nearest pattern.

    Points are coloured by what is in the picture, or by a value where one is known of each.
    """

    MARGIN = 0.04
    """Room around the positions, as a share of their extent."""
    pattern_selected = Signal(int)
    """The user clicked; not emitted by `set_selected`."""
    cursor_text_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._positions_px: NDArray[np.float64] = np.zeros((0, 2))
        self._positions = self._positions_px
        self._scale: LengthScale = length_scale(None)
        self._selected: int | None = None
        self._values: NDArray[np.float32] | None = None
        self._shifts_px: NDArray[np.float64] | None = None
        self._seen_words = ""
        self._make_plot()
        self.line = QuietLine()
        self.line.readout_changed.connect(self.cursor_text_changed)
        stack_tightly(self, self.canvas, self.line)
        self.action_fit = view_action(self, "fit-to-screen-outline", "Show all positions", "F")
        self.action_fit.triggered.connect(self._fit)
        self.action_path = view_action(self, "vector-polyline", "Show the path of the scan", "P")
        self.action_path.setCheckable(True)
        self.action_path.toggled.connect(self._path.setVisible)
        self.action_shifts = view_action(self, "arrow-top-right", "Show how positions moved", "S")
        self.action_shifts.setCheckable(True)
        self.action_shifts.setChecked(True)
        self.action_shifts.toggled.connect(self._draw_shifts)
        self._shifts_button = action_buttons([self.action_shifts])
        self.line.add(self._shifts_button)
        self.set_values(None)
        self.set_shifts(None)
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_positions(
        self, values_px: NDArray[np.float64], pixel_size_m: PixelSize = None, *, stay: bool = False
    ) -> None:
        """Show positions (n, 2) (y, x) in object pixels, none of them seen or selected yet.

        Parameters
        ----------
        values_px : (n, 2) float64
        pixel_size_m : (y, x) or None
            Size of an object pixel; the axes are in pixels where it is unknown.
        stay : bool
            The view stays where the user has zoomed in to a part of the former positions.
        """
        zoomed_in = stay and not self._shows_all()
        self._scale = length_scale(pixel_size_m)
        self._positions_px = np.asarray(values_px, np.float64)
        self._positions = self._positions_px * self._scale.per_pixel
        self._path.setData(self._positions[:, 1], self._positions[:, 0])
        for points in (self._unseen_points, self._seen_points, self._valued_points):
            points.set_spacing(_typical_spacing(self._positions))
        unit = self._scale.unit
        self._axes[0].setLabel(f"x ({unit})")
        self._axes[1].setLabel(f"y ({unit})")
        self.set_values(None)
        self.set_shifts(None)
        self.set_seen(np.zeros(len(self._positions), np.bool_))
        self.set_selected(None)
        if not zoomed_in:
            self._fit()

    def _shows_all(self) -> bool:
        box, shown = positions_rect(self._positions_px, self._scale), self.view.viewRect()
        across = shown.left() <= box.left() and box.right() <= shown.right()
        return bool(across and shown.top() <= box.top() and box.bottom() <= shown.bottom())

    def set_axis_labels(self, x: str, y: str) -> None:
        """Write what the axes mean where it is neither pixels nor a length."""
        self._axes[0].setLabel(x)
        self._axes[1].setLabel(y)

    def clear(self) -> None:
        """Show nothing."""
        self.set_positions(np.zeros((0, 2)))

    def set_seen(self, mask: NDArray[np.bool_]) -> None:
        """Mark the patterns, (n,) bool, that are in the picture already."""
        self._unseen_points.set_points(self._positions[~mask])
        self._seen_points.set_points(self._positions[mask])
        total, seen = grouped(len(mask)), int(mask.sum())
        self._seen_words = f"{grouped(seen)} of {total} in the picture" if seen else f"{total} positions"
        self._write_note()

    def set_values(self, values: NDArray[np.float32] | None, label: str = "") -> None:
        """Colour each position by a value, (n,), of which `label` says what it is; None ends that."""
        self._values = values
        for points in (self._unseen_points, self._seen_points):
            points.setVisible(values is None)
        self.bar.set_visible(values is not None)
        known = np.zeros(0, np.float32) if values is None else values
        self._valued_points.set_points(self._positions[: len(known)], known)
        levels = robust_levels(known)
        self._valued_points.set_levels(levels)
        if values is not None:
            self.bar.set_label(label)
            self.bar.set_levels(levels)

    def set_shifts(self, shifts_px: NDArray[np.float64] | None) -> None:
        """Show how far (y, x), in object pixels, each position moved; None or all 0 shows nothing."""
        self._shifts_px = shifts_px if shifts_px is not None and shifts_px.any() else None
        self._shifts_button.setVisible(self._shifts_px is not None)
        self._draw_shifts()

    def _draw_shifts(self) -> None:
        shown = self._shifts_px is not None and self.action_shifts.isChecked()
        self._arrows.setVisible(shown)
        if shown and self._shifts_px is not None:
            self._arrows.set_arrows(
                self._positions, self._lengthening() * self._shifts_px * self._scale.per_pixel
            )
        self._write_note()

    def _lengthening(self) -> float:
        assert self._shifts_px is not None  # held by the caller
        return exaggeration(np.hypot(*self._shifts_px.T), _typical_spacing(self._positions_px))

    def _write_note(self) -> None:
        words = self._seen_words
        if self._shifts_px is not None and self.action_shifts.isChecked():
            words = f"arrows × {grouped(self._lengthening())}"
        self.line.note.setText(words)

    def set_selected(self, index: int | None) -> None:
        """Ring a pattern; None removes the ring."""
        self._selected = index
        chosen = self._positions[:0] if index is None else self._positions[[index]]
        self._ring.setData(chosen[:, 1], chosen[:, 0])

    @property
    def selected(self) -> int | None:
        """Index of the ringed pattern."""
        return self._selected

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.canvas.set_plot_colors(colors)
        for axis in self._axes:
            axis.set_colors(colors)
        self._unseen_points.set_color(colors.axis)
        self._seen_points.set_color(colors.ok)
        self._path.setPen(pg.mkPen(colors.grid))
        self._arrows.setPen(pg.mkPen(colors.axis))
        self.bar.set_plot_colors(colors)
        self._ring.setPen(pg.mkPen(colors.accent, width=2))

    def _make_plot(self) -> None:
        self.canvas = PlotCanvas()
        self.view = new_view_box()
        self._axes = NumberAxis("bottom"), NumberAxis("left")
        layout = self.canvas.ci
        layout.addItem(self.view, 0, 1)
        layout.addItem(self._axes[0], 1, 1)
        layout.addItem(self._axes[1], 0, 0)
        self._axes[1].setWidth(self._axes[1].room)
        for axis in self._axes:
            axis.linkToView(self.view)
        self._path = pg.PlotCurveItem(antialias=False)
        self._path.setVisible(False)
        self._unseen_points, self._seen_points = PointsItem(), PointsItem()
        self._ring = pg.ScatterPlotItem(symbol="o", size=13, brush=None)
        self._arrows = ArrowsItem()
        for item in (self._path, self._unseen_points, self._seen_points):
            self.view.addItem(item)
        self._valued_points = ValuePoints(self.view, VALUE_MAP)
        for item in (self._arrows, self._ring):
            self.view.addItem(item)
        self.bar = ColorBar(layout, 0, 2, VALUE_MAP)
        self.bar.levels_dragged.connect(lambda *levels: self._valued_points.set_levels(levels))
        self.canvas.clicked.connect(self._click)
        self.canvas.double_clicked.connect(self._fit)
        self.canvas.cursor_moved.connect(self._read_out)
        self.canvas.cursor_left.connect(lambda: self.line.set_readout(""))

    def _fit(self) -> None:
        if len(self._positions) == 0:
            return
        room = 0.5 * max(self._scale.per_pixel)  # a single point or a line has no area
        box = positions_rect(self._positions_px, self._scale)
        self.view.setRange(box.adjusted(-room, -room, room, room), padding=self.MARGIN)

    def _nearest(self, scene_point: QPointF) -> int | None:
        if len(self._positions) == 0 or not self.view.sceneBoundingRect().contains(scene_point):
            return None
        point = self.view.mapSceneToView(scene_point)
        return int(np.square(self._positions - (point.y(), point.x())).sum(axis=1).argmin())

    def _click(self, scene_point: QPointF) -> None:
        index = self._nearest(scene_point)
        if index is not None:
            self.set_selected(index)
            self.pattern_selected.emit(index)

    def _read_out(self, scene_point: QPointF) -> None:
        index = self._nearest(scene_point)
        if index is None:
            self.line.set_readout("")
            return
        y, x = self._scale.place(self._positions_px[index], min_decimals=1)
        self.line.set_readout(f"pattern {index}\u2003x {x}\u2002y {y}{self._more(index)}")

    def _more(self, index: int) -> str:
        words = "" if self._values is None else f"\u2003{significant(float(self._values[index]))}"
        if self._shifts_px is None:
            return words
        return f"{words}\u2003moved {fixed(float(np.hypot(*self._shifts_px[index])), 2)}{SPACE}px"


def _typical_spacing(positions: NDArray[np.float64]) -> float:
    """Return how far positions (n, 2) would lie apart if they were spread evenly, on an area or a line."""
    if len(positions) == 0:
        return 0.0
    sides = np.ptp(positions, axis=0)
    return float(max(np.sqrt(np.prod(sides) / len(positions)), sides.max() / len(positions)))
