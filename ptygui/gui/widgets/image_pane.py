"""One picture with its title, axes, colour bar and cross-hair: the unit from which the views are made."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.color_bar import NO_LIMITS, ColorBar
from ptygui.gui.widgets.cross_hair import CrossHair
from ptygui.gui.widgets.field_item import FieldItem, Quantity
from ptygui.gui.widgets.levels import Levels
from ptygui.gui.widgets.plot_parts import NumberAxis, PaneTitle, new_view_box, set_shown, title_size

COLUMNS = 4
"""Columns of the layout that a pane takes: y axis, picture, bar, values of the bar."""
_PREFERRED, _GAP = 100, 10


class ImagePane:
    """Fills `COLUMNS` columns of a pyqtgraph layout; its picture gets all the room that is left."""

    def __init__(
        self,
        layout: pg.GraphicsLayout,
        first_column: int,
        title: str,
        quantity: Quantity,
        colormap: str,
        limits: Levels = NO_LIMITS,
        *,
        y_axis: bool = True,
    ) -> None:
        self._title_text = title
        self.title = PaneTitle(title)
        self.view = new_view_box()
        self.item = FieldItem(quantity, colormap)
        self.view.addItem(self.item)
        self._cross_hair = CrossHair(self.view)
        self.x_axis, self.y_axis = NumberAxis("bottom"), NumberAxis("left")
        self.bar = ColorBar(layout, 1, first_column + 2, colormap, limits)
        self._grid, self._column = layout.layout, first_column
        self._fill(layout, first_column, y_axis)

    def set_visible(self, visible: bool) -> None:
        """Show the pane, or leave its room to the others; not for the one with the vertical axis."""
        for item in (self.title, self.view, self.x_axis):
            set_shown(item, visible)
        self._grid.setColumnStretchFactor(self._column + 1, int(visible))
        self._grid.setColumnPreferredWidth(self._column + 1, _PREFERRED if visible else 0)
        self._grid.setColumnFixedWidth(self._column, _GAP if visible else 0)
        self.bar.set_visible(visible)

    def _fill(self, layout: pg.GraphicsLayout, column: int, y_axis: bool) -> None:
        layout.addItem(self.title, 0, column + 1)
        layout.addItem(self.view, 1, column + 1)
        layout.addItem(self.x_axis, 2, column + 1)
        self.x_axis.linkToView(self.view)
        grid = layout.layout
        grid.setRowStretchFactor(1, 1)
        grid.setColumnStretchFactor(column + 1, 1)
        grid.setColumnPreferredWidth(column + 1, _PREFERRED)
        grid.setColumnFixedWidth(column, _GAP)
        if y_axis:
            layout.addItem(self.y_axis, 1, column)
            self.y_axis.linkToView(self.view)
            self.y_axis.setWidth(self.y_axis.room)
            grid.setColumnFixedWidth(column, self.y_axis.room)

    def set_title(self, words: str) -> None:
        """Name the picture anew."""
        self._title_text = words
        self.title.setText(words)

    def set_levels(self, levels: Levels) -> None:
        """Set picture and bar."""
        self.item.set_levels(levels)
        self.bar.set_levels(levels)

    def set_colormap(self, name: str) -> None:
        """Set picture and bar."""
        self.item.set_colormap(name)
        self.bar.set_colormap(name)

    def set_axis_labels(self, x: str, y: str) -> None:
        """Write what the axes mean, unit included."""
        self.x_axis.setLabel(x)
        self.y_axis.setLabel(y)

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        self.title.setText(self._title_text, color=colors.text, size=title_size())
        for axis in (self.x_axis, self.y_axis):
            axis.set_colors(colors)
        self.bar.set_plot_colors(colors)

    def show_cursor(self, point: QPointF | None) -> None:
        """Draw a cross-hair where the cursor is in this picture or in another; None removes it."""
        self._cross_hair.show_at(point)

    def cursor_at(self) -> tuple[float, float] | None:
        """Return (x, y) of the cross-hair, or None."""
        return self._cross_hair.place

    def fit(self, rect: QRectF) -> None:
        """Show all of `rect`, as large as possible."""
        self.view.setRange(rect, padding=0.01)

    def contains(self, scene_point: QPointF) -> bool:
        """Tell whether a point of the scene lies on the picture."""
        return bool(self.view.sceneBoundingRect().contains(scene_point))
