from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.field_item import FieldItem, color_indices, color_table
from ptygui.gui.widgets.plot_canvas import PlotCanvas
from ptygui.gui.widgets.plot_parts import new_view_box


class Shown:
    """An item in a square view of about 300 pixels, the whole field in sight."""

    def __init__(self, qtbot: QtBot, values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> None:
        self.taken: list[tuple[int, ...]] = []
        self.canvas, self.view = PlotCanvas(), new_view_box()
        qtbot.addWidget(self.canvas)
        self.canvas.setBackground("#102030")
        self.canvas.resize(300, 300)
        self.canvas.ci.addItem(self.view)
        self.item = FieldItem(self._take, "colorcet:cet_l1")
        self.view.addItem(self.item)
        rows, cols = values.shape
        self.item.set_field(values, QRectF(0, 0, cols, rows), valid)
        self.canvas.show()
        qtbot.wait(1)
        self.view.setRange(QRectF(0, 0, cols, rows), padding=0)

    def _take(self, values: NDArray[Any]) -> NDArray[Any]:
        self.taken.append(values.shape)
        return values

    def color(self, x: float, y: float) -> QColor:
        point = self.canvas.mapFromScene(self.view.mapViewToScene(QPointF(x, y)))
        return self.canvas.grab().toImage().pixelColor(point)


def test_rows_run_down_and_columns_to_the_right(qtbot: QtBot) -> None:
    shown = Shown(qtbot, np.array([[0.0, 1.0], [0.5, 0.5]]))
    grey = [shown.color(x, y).red() for y in (0.5, 1.5) for x in (0.5, 1.5)]
    assert grey[0] < 5
    assert grey[1] > 250
    assert 100 < grey[2] == grey[3] < 150


def test_what_is_not_valid_or_not_finite_is_background(qtbot: QtBot) -> None:
    values = np.ones((3, 3))
    values[0, 0], values[1, 1] = np.nan, np.inf
    valid = np.ones((3, 3), bool)
    valid[2, 2] = False
    shown = Shown(qtbot, values, valid)
    assert [shown.color(k + 0.5, k + 0.5).name() for k in range(3)] == ["#102030"] * 3
    assert shown.color(0.5, 1.5).name() == "#ffffff"


def test_only_what_the_screen_can_show_is_converted(qtbot: QtBot) -> None:
    shown = Shown(qtbot, np.zeros((4096, 4096), np.float32))
    shown.taken.clear()
    shown.canvas.grab()
    shown.item.set_levels((0, 2))
    shown.canvas.grab()
    shown.view.setRange(QRectF(1000, 1000, 100, 100), padding=0)
    shown.canvas.grab()
    assert shown.taken
    assert max(max(shape) for shape in shown.taken) <= 700


def test_a_repaint_without_change_converts_nothing(qtbot: QtBot) -> None:
    shown = Shown(qtbot, np.zeros((50, 50)))
    shown.canvas.grab()
    shown.taken.clear()
    shown.canvas.grab()
    assert shown.taken == []


def test_zooming_into_a_large_field_keeps_pixels_in_their_place(qtbot: QtBot) -> None:
    values = np.zeros((3000, 3000), np.float32)
    values[1501, 1203] = 1
    shown = Shown(qtbot, values)
    shown.view.setRange(QRectF(1190, 1490, 25, 25), padding=0)
    assert shown.color(1203.5, 1501.5).red() > 250
    for x, y in ((1202.5, 1501.5), (1204.5, 1501.5), (1203.5, 1500.5), (1203.5, 1502.5)):
        assert shown.color(x, y).red() == 0


def test_element_at() -> None:
    item = FieldItem(lambda values: values, "viridis")
    item.set_field(np.zeros((4, 8)), QRectF(-1, -2, 16, 8))
    assert item.element_at(QPointF(-0.9, -1.9)) == (0, 0)
    assert item.element_at(QPointF(14.9, 5.9)) == (3, 7)
    assert item.element_at(QPointF(15.1, 0)) is None


def test_color_indices_clip_and_keep_zero_for_invalid() -> None:
    shown = np.array([[-9.0, 0.0, 1.0, 9.0, np.nan]])
    indices = color_indices(shown, np.isfinite(shown), (0.0, 1.0))
    assert indices.tolist() == [[1, 1, 255, 255, 0]]


@pytest.mark.parametrize("name", ["matplotlib:twilight"])
def test_the_phase_map_is_cyclic(name: str) -> None:
    table = color_table(name)
    first, last = (np.array(QColor.fromRgba(color).getRgb()) for color in (table[0], table[-1]))
    assert len(table) == 255
    assert np.abs(first - last).max() <= 2


def test_views_are_without_pyqtgraph_menus() -> None:
    view = new_view_box()
    assert isinstance(view, pg.ViewBox)
    assert not view.menuEnabled()
