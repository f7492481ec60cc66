"""The mean pattern of a scan, with the pixels that are bad: painted and erased, cropped and centred."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QWidget

from ptygui.core.preparation import Stroke
from ptygui.gui.theme import DEFAULT_PLOT_COLORS, PlotColors
from ptygui.gui.widgets.cards import flat_button, text_label
from ptygui.gui.widgets.crop_frame import CropFrame
from ptygui.gui.widgets.drag_catcher import DragCatcher
from ptygui.gui.widgets.level_control import LevelControl
from ptygui.gui.widgets.levels import Levels, robust_levels, valid_samples
from ptygui.gui.widgets.linked_panes import LinkedPanes
from ptygui.gui.widgets.numbers import SPACE, grouped, significant
from ptygui.gui.widgets.pattern_view import PATTERN_MAP, log_counts
from ptygui.gui.widgets.quiet_line import QuietLine, stack_tightly

Place = tuple[int, int]
_RADIUS = 2
_BAD = "#35c4c0"
"""Turquoise, which the map of the counts does not have."""
_TITLE = "mean pattern, log₁₀(1 + counts)"


class MeanPattern(QWidget):
    """Bad pixels are turquoise; the tools in the corner paint, erase and crop."""

    painted = Signal(object)
    """A tuple of core.preparation.Stroke, when the button is released."""
    cropped = Signal(object, object)
    """(row, col) of the centre, (rows, cols) of the window."""
    crop_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mean: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._bad: NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        self._strokes: list[Stroke] = []
        self.panes, self.line = LinkedPanes(), QuietLine()
        self._pane = self.panes.add_pane(_TITLE, log_counts, PATTERN_MAP, (0.0, np.inf))
        self.panes.set_axis_labels("column (px)", "row (px)")
        self._levels = LevelControl(self, self.panes.panes, self._wanted_levels)
        self.frame = CropFrame(self._pane.view)
        self.frame.dragged.connect(self.cropped)
        self._drags = DragCatcher(self.panes, self._pane.view)
        self._drags.began.connect(self._paint)
        self._drags.moved.connect(self._paint)
        self._drags.ended.connect(self._finish)
        self.panes.cursor_changed.connect(self._read_out)
        self.tools = self._make_tools()
        stack_tightly(self, self.panes, self.line)
        self.line.add(self.tools)
        self.line.replace_note()
        self.set_plot_colors(DEFAULT_PLOT_COLORS)

    def set_pattern(self, mean: NDArray[np.float32], bad: NDArray[np.bool_], note: str = "") -> None:
        """Show a mean pattern (H, W) of counts and the pixels (H, W) that are bad."""
        self._mean, self._bad = mean, bad.copy()
        bad_words = f"turquoise: {grouped(int(bad.sum()))} bad" if bad.any() else ""
        self.line.note.setText(note or bad_words)
        self._levels.update()
        self._draw()
        rows, cols = mean.shape
        self.panes.set_extent(QRectF(-0.5, -0.5, cols, rows))
        self._read_out()

    def set_frame(self, centre: Place | None, size: Place = (2, 2)) -> None:
        """Show the window of a crop; None: there is none."""
        self.crop_button.setChecked(centre is not None)
        if centre is None:
            self.frame.hide()
            return
        self._take_up(self.crop_button)
        self.frame.show_at(centre, size)
        rows, cols = self._mean.shape
        box = QRectF(centre[1] - size[1] // 2 - 0.5, centre[0] - size[0] // 2 - 0.5, size[1], size[0])
        self.panes.set_extent(QRectF(-0.5, -0.5, cols, rows).united(box))

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.panes.set_plot_colors(colors)
        self.frame.set_plot_colors(colors)
        self._pane.item.set_invalid_color(QColor(_BAD))

    def allow_tools(self, allowed: bool) -> None:
        """Allow or forbid what changes the scan."""
        self.tools.setEnabled(allowed)
        self._drags.set_on(allowed and self._painting)

    @property
    def _painting(self) -> bool:
        return self.brush_button.isChecked() or self.eraser_button.isChecked()

    def _make_tools(self) -> QWidget:
        self.brush_button = _tool("brush", "Paint bad pixels")
        self.eraser_button = _tool("eraser", "Make pixels good again")
        self.crop_button = _tool("crop", "Crop and centre: drag the frame or its centre")
        self.radius = QSpinBox()
        self.radius.setRange(0, 200)
        self.radius.setValue(_RADIUS)
        self.radius.setSuffix(f"{SPACE}px")
        self.radius.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.radius.setToolTip("Radius of the brush; 0: a single pixel")
        self.radius.setAccessibleName("Radius of the brush")
        self._radius_label = text_label("radius", "muted")
        for button in (self.brush_button, self.eraser_button):
            button.clicked.connect(lambda _on, mine=button: self._take_up(mine))
        self.crop_button.clicked.connect(self._toggle_crop)
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (
            self._radius_label,
            self.radius,
            self.brush_button,
            self.eraser_button,
            self.crop_button,
        ):
            row.addWidget(widget)
        self._show_radius()
        return tools

    def _toggle_crop(self, on: bool) -> None:
        self._take_up(self.crop_button)
        self.crop_wanted.emit(on)

    def _take_up(self, chosen: QToolButton) -> None:
        """Put the other tools down; a second click puts the chosen one down too."""
        for button in (self.brush_button, self.eraser_button):
            if button is not chosen:
                button.setChecked(False)
        if chosen is not self.crop_button and self._painting and self.frame.visible:
            self.crop_wanted.emit(False)
        self._drags.set_on(self._painting)
        self._show_radius()

    def _show_radius(self) -> None:
        self.radius.setVisible(self._painting)
        self._radius_label.setVisible(self._painting)

    def _paint(self, point: QPointF) -> None:
        stroke = self._stroke_at(point.y(), point.x())
        if self._strokes and _near(self._strokes[-1], stroke):
            return
        before = self._strokes[-1] if self._strokes else stroke
        for row, col in _way(before, stroke):
            self._strokes.append(self._stroke_at(row, col))
            self._mark(self._strokes[-1])
        self._draw()

    def _stroke_at(self, row: float, col: float) -> Stroke:
        radius, digits = float(self.radius.value()), 1
        if radius == 0:
            digits = 0  # a single pixel
        bad = self.brush_button.isChecked()
        return Stroke(row=round(row, digits), col=round(col, digits), radius=radius, bad=bad)

    def _mark(self, stroke: Stroke) -> None:
        y, x = np.ogrid[: self._bad.shape[0], : self._bad.shape[1]]
        disk = (y - stroke.row) ** 2 + (x - stroke.col) ** 2 <= stroke.radius**2
        self._bad = np.where(disk, stroke.bad, self._bad)

    def _finish(self) -> None:
        strokes, self._strokes = tuple(self._strokes), []
        if strokes:
            self.painted.emit(strokes)

    def _draw(self) -> None:
        rows, cols = self._mean.shape
        self._pane.item.set_field(self._mean, QRectF(-0.5, -0.5, cols, rows), ~self._bad)

    def _wanted_levels(self) -> tuple[Levels] | None:
        if self._mean.size == 0:
            return None
        low, high = robust_levels(log_counts(valid_samples(self._mean, ~self._bad)))
        return ((max(low, 0.0), high),)

    def _read_out(self) -> None:
        element = self._pane.item.element_at(self.panes.cursor)
        if element is None:
            self.line.set_readout("")
            return
        value = (
            "bad pixel" if self._bad[element] else f"{significant(float(self._mean[element]))}{SPACE}counts"
        )
        self.line.set_readout(f"{element[0]}, {element[1]}\u2003{value}")


def _tool(icon_name: str, tip: str) -> QToolButton:
    button = flat_button(icon_name, tip)
    button.setCheckable(True)
    return button


def _near(one: Stroke, other: Stroke) -> bool:
    """Tell whether a stroke adds next to nothing to the one before."""
    return bool(np.hypot(one.row - other.row, one.col - other.col) < max(0.5, 0.4 * other.radius))


def _way(one: Stroke, other: Stroke) -> list[tuple[float, float]]:
    """Return the places (row, col) from a stroke to another, so close that a quick hand leaves no gaps."""
    length = np.hypot(one.row - other.row, one.col - other.col)
    count = max(1, int(np.ceil(length / max(0.7 * other.radius, 0.7))))
    shares = np.arange(1, count + 1) / count
    rows, cols = (a + (b - a) * shares for a, b in ((one.row, other.row), (one.col, other.col)))
    return list(zip(rows.tolist(), cols.tolist(), strict=True))
