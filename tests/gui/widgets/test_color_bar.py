from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.color_bar import ColorBar
from ptygui.gui.widgets.plot_canvas import PlotCanvas


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    shown = QWidget()  # takes the clicks that its plots leave
    qtbot.addWidget(shown)
    return shown


@pytest.fixture
def canvas(window: QWidget) -> PlotCanvas:
    shown = PlotCanvas(window)
    shown.resize(160, 400)
    return shown


def new_bar(canvas: PlotCanvas, qtbot: QtBot, **more: Any) -> ColorBar:
    bar = ColorBar(canvas.ci, 0, 0, "viridis", **more)
    canvas.window().show()
    qtbot.wait(1)
    return bar


def test_set_levels_is_silent(canvas: PlotCanvas, qtbot: QtBot) -> None:
    bar = new_bar(canvas, qtbot)
    with qtbot.assertNotEmitted(bar.levels_dragged):
        bar.set_levels((2.0, 3.0))
    assert bar.levels == (2.0, 3.0)


def test_dragging_says_the_levels_and_then_gives_room(canvas: PlotCanvas, qtbot: QtBot, mouse: Any) -> None:
    bar = new_bar(canvas, qtbot)
    start, end = (mouse.point(canvas, bar.view, 0.7, y) for y in (1.0, 1.15))
    with qtbot.waitSignal(bar.levels_dragged):
        mouse.drag(canvas, start, end)
    assert bar.levels == pytest.approx((0.0, 1.15), abs=0.02)
    assert bar.view.viewRange()[1][1] > 1.3


def test_a_handle_cannot_pass_the_other(canvas: PlotCanvas, qtbot: QtBot, mouse: Any) -> None:
    bar = new_bar(canvas, qtbot)
    start, end = (mouse.point(canvas, bar.view, 0.7, y) for y in (1.0, -0.15))
    mouse.drag(canvas, start, end)
    low, high = bar.levels
    assert low == 0.0
    assert 0 < high < 0.05


def test_the_bar_never_spans_more_than_its_limits(canvas: PlotCanvas, qtbot: QtBot) -> None:
    bar = new_bar(canvas, qtbot, limits=(-np.pi, np.pi))
    bar.set_levels((-3.0, 3.0))
    assert bar.view.viewRange()[1] == pytest.approx([-np.pi, np.pi])
