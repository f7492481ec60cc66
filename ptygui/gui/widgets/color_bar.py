"""A colour bar with values, whose two levels can be dragged."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF, Signal

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.field_item import FieldItem
from ptygui.gui.widgets.levels import Levels
from ptygui.gui.widgets.plot_parts import NumberAxis, set_shown

NO_LIMITS: Levels = (-math.inf, math.inf)
_MARGIN = 0.2
"""Share of the span shown beyond each level, so that there is room to drag to."""
_RAMP = np.linspace(0, 1, 512)
_WIDTH = 24
_HANDLE_ROOM = 0.4
"""Share of the width, left of the gradient, that the handles' triangles take."""


class ColorBar(QObject):
    """Gradient, axis and two handles, put into three cells of a pyqtgraph layout.

    Dragging a handle emits `levels_dragged` continuously; the bar takes its new span when it is let go.
    It never spans more than `limits`, the values that the quantity can have.
    """

    levels_dragged = Signal(float, float)

    def __init__(
        self, layout: pg.GraphicsLayout, row: int, column: int, colormap: str, limits: Levels = NO_LIMITS
    ) -> None:
        super().__init__()
        self._limits = limits
        self.view = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self.view.disableAutoRange()
        self.axis = NumberAxis("right")
        self.axis.linkToView(self.view)
        self._room = self.axis.room_unlabelled
        self._ramp = FieldItem(lambda values: values, colormap)
        self.view.addItem(self._ramp)
        self._low, self._high = (self._new_handle() for _ in range(2))
        layout.addItem(self.view, row, column)
        layout.addItem(self.axis, row, column + 1)
        self._grid, self._column = layout.layout, column
        self._keep_room(True)
        self.set_levels((0.0, 1.0))

    @property
    def levels(self) -> Levels:
        """(low, high) at the handles."""
        return float(self._low.value()), float(self._high.value())

    def set_levels(self, levels: Levels) -> None:
        """Move the handles, and the span of the bar with them; emits nothing."""
        low, high = levels
        margin = _MARGIN * (high - low)
        bottom, top = max(low - margin, self._limits[0]), min(high + margin, self._limits[1])
        self.view.setRange(yRange=(bottom, top), xRange=(0, 1), padding=0)
        box = QRectF(_HANDLE_ROOM, bottom, 1 - _HANDLE_ROOM, top - bottom)
        self._ramp.set_field(bottom + (top - bottom) * _RAMP[:, None], box)
        self._place_handles(low, high)
        self._ramp.set_levels(levels)

    def set_visible(self, visible: bool) -> None:
        """Show the bar, or leave its room to others."""
        set_shown(self.view, visible)
        set_shown(self.axis, visible)
        self._keep_room(visible)

    def set_label(self, words: str) -> None:
        """Write beside the bar what its values are."""
        self.axis.setLabel(words)
        self._room = self.axis.room
        self._keep_room(True)

    def _keep_room(self, keep: bool) -> None:
        """Keep the columns of the bar, or give them up."""
        self._grid.setColumnFixedWidth(self._column, _WIDTH if keep else 0)
        self._grid.setColumnFixedWidth(self._column + 1, self._room if keep else 0)

    def set_colormap(self, name: str) -> None:
        """Use another colour map."""
        self._ramp.set_colormap(name)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.axis.set_colors(colors)
        for handle in (self._low, self._high):
            handle.setPen(pg.mkPen(colors.axis))
            handle.setHoverPen(pg.mkPen(colors.accent, width=2))
            handle.clearMarkers()
            handle.addMarker("o", position=0.2, size=7)

    def _new_handle(self) -> pg.InfiniteLine:
        handle = pg.InfiniteLine(angle=0, movable=True)
        handle.setToolTip("Drag to change the colour levels; this locks them.")
        handle.sigDragged.connect(self._dragged)
        handle.sigPositionChangeFinished.connect(lambda: self.set_levels(self.levels))
        self.view.addItem(handle)
        return handle

    def _dragged(self, handle: pg.InfiniteLine) -> None:
        """Keep the handles in order, at least a hundredth of the bar apart."""
        (bottom, top), gap = self.view.viewRange()[1], 0.01
        room = gap * (top - bottom)
        low, high = self.levels
        if handle is self._low:
            low = min(max(low, bottom), high - room)
        else:
            high = max(min(high, top), low + room)
        self._place_handles(low, high)
        self._ramp.set_levels((low, high))
        self.levels_dragged.emit(low, high)

    def _place_handles(self, low: float, high: float) -> None:
        for handle, value in ((self._low, low), (self._high, high)):
            handle.blockSignals(True)
            handle.setValue(value)
            handle.blockSignals(False)
