"""Points coloured by a value, drawn as quickly as equal ones: all of one colour in one call."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from ptygui.gui.widgets.field_item import color_table
from ptygui.gui.widgets.levels import Levels
from ptygui.gui.widgets.points_item import PointsItem

_STEPS = 32
"""Colours told apart; the eye tells hardly more on points."""


class ValuePoints:
    """A few dozen `PointsItem`s on a view, one a colour."""

    def __init__(self, view: pg.ViewBox, colormap: str) -> None:
        table = color_table(colormap)
        picked = np.linspace(0, len(table) - 1, _STEPS).astype(int)
        self._items = [PointsItem() for _ in picked]
        self._positions: NDArray[np.float64] = np.zeros((0, 2))
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        for item, index in zip(self._items, picked, strict=True):
            item.set_color(QColor.fromRgba(table[index]).name())
            view.addItem(item)

    def set_spacing(self, spacing: float) -> None:
        """Say how far points lie apart, in view coordinates."""
        for item in self._items:
            item.set_spacing(spacing)

    def set_points(self, positions: NDArray[np.float64], values: NDArray[np.float32]) -> None:
        """Show points (n, 2) (y, x), in view coordinates, with a value (n,) each."""
        self._positions, self._values = positions, values

    def set_levels(self, levels: Levels) -> None:
        """Set the values at the ends of the colour map, and draw."""
        low, high = levels
        steps = np.clip((self._values - low) / (high - low) * _STEPS, 0, _STEPS - 1).astype(int)
        for number, item in enumerate(self._items):
            item.set_points(self._positions[steps == number])
