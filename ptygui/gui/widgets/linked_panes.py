"""Pictures beside each other: equal in size, linked in pan, zoom and cursor."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from ptygui.gui.theme import PlotColors
from ptygui.gui.widgets.color_bar import NO_LIMITS
from ptygui.gui.widgets.field_item import Quantity
from ptygui.gui.widgets.image_pane import COLUMNS, ImagePane
from ptygui.gui.widgets.levels import Levels
from ptygui.gui.widgets.plot_canvas import PlotCanvas


class LinkedPanes(PlotCanvas):
    """One or more pictures on common axes.

    Until the user zooms or pans, `extent` is kept in view, also while it grows; `fit` returns to that.
    """

    cursor_changed = Signal()
    """`cursor` is another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes: list[ImagePane] = []
        self._extent = QRectF()
        self._follows = True
        self._linking = False
        self.cursor: QPointF | None = None
        """In coordinates of the pictures; None when it is on none of them."""
        self.cursor_moved.connect(self._track)
        self.cursor_left.connect(lambda: self._set_cursor(None))
        self.double_clicked.connect(self.fit)

    def add_pane(
        self, title: str, quantity: Quantity, colormap: str, limits: Levels = NO_LIMITS
    ) -> ImagePane:
        """Add a picture to the right; the first one carries the vertical axis for all."""
        column = COLUMNS * len(self.panes)
        pane = ImagePane(self.ci, column, title, quantity, colormap, limits, y_axis=not self.panes)
        pane.view.sigRangeChanged.connect(self._link)
        pane.view.sigRangeChangedManually.connect(self._stop_following)
        pane.view.sigResized.connect(self._keep_in_view)
        self.panes.append(pane)
        return pane

    def set_extent(self, extent: QRectF) -> None:
        """Say what is worth seeing; nothing moves if the user has chosen a view."""
        if extent != self._extent:
            self._extent = extent
            self._keep_in_view()

    def set_axis_labels(self, x: str, y: str) -> None:
        """Write what the axes mean, unit included."""
        for pane in self.panes:
            pane.set_axis_labels(x, y)

    def fit(self) -> None:
        """Show the whole extent, now and when it grows."""
        self._follows = True
        self._keep_in_view()

    def set_plot_colors(self, colors: PlotColors) -> None:
        """Follow the theme."""
        super().set_plot_colors(colors)
        for pane in self.panes:
            pane.set_plot_colors(colors)

    def _keep_in_view(self) -> None:
        if self._follows and not self._extent.isEmpty():
            self.panes[0].fit(self._extent)

    def _stop_following(self) -> None:
        self._follows = False

    def _link(self, source: Any) -> None:
        if self._linking:
            return
        self._linking = True
        x_range, y_range = source.viewRange()
        for pane in self.panes:
            if pane.view is not source:
                pane.view.setRange(xRange=x_range, yRange=y_range, padding=0)
        self._linking = False

    def _track(self, scene_point: QPointF) -> None:
        hovered = next((pane for pane in self.panes if pane.contains(scene_point)), None)
        self._set_cursor(None if hovered is None else hovered.view.mapSceneToView(scene_point))

    def _set_cursor(self, point: QPointF | None) -> None:
        self.cursor = point
        for pane in self.panes:
            pane.show_cursor(point)
        self.cursor_changed.emit()
