from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from ptygui.core.events import Epoch
from ptygui.core.evidence import Residual
from ptygui.gui.widgets.arrows_item import ArrowsItem, exaggeration
from ptygui.gui.widgets.plot_parts import NumberAxis, ValueAxis
from ptygui.gui.widgets.residual_plot import ResidualPlot


@pytest.fixture
def view(qtbot: QtBot) -> ResidualPlot:
    shown = ResidualPlot()
    qtbot.addWidget(shown)
    shown.resize(700, 200)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def epochs(*r1: float) -> list[Epoch]:
    return [
        Epoch(number, 10, Residual(value, value / 2), None, float(number))
        for number, value in enumerate(r1, 1)
    ]


def test_all_epochs_to_come_have_their_place_from_the_first_on(view: ResidualPlot) -> None:
    view.set_epochs(epochs(0.3), 0.4)
    (left, right), (bottom, top) = view.plot.view.viewRange()
    assert left == 0
    assert right > 10
    assert bottom < 0.15
    assert top > 0.4


def test_a_start_that_is_not_known_is_not_in_the_legend(view: ResidualPlot) -> None:
    view.set_epochs(epochs(0.3), None)
    assert "start" not in view.plot.legend.text
    view.set_epochs(epochs(0.3), 0.4)
    assert "start" in view.plot.legend.text


def test_the_readout_is_of_the_nearest_epoch(view: ResidualPlot, qtbot: QtBot, mouse: Any) -> None:
    view.set_epochs(epochs(0.3, 0.2, 0.1), None)
    point = mouse.point(view.plot, view.plot.view, 2.2, 0.2)
    with qtbot.waitSignal(view.readout_changed) as told:
        mouse.move(view.plot, point)
    assert told.args[0].startswith("epoch 2\u2003R1 0.2000\u2003R2 0.1000")
    assert view.plot._cursor.value() == 2
    with qtbot.waitSignal(view.readout_changed) as told:
        mouse.leave(view.plot)
    assert told.args == [""]


def test_a_logarithmic_axis_leaves_out_what_has_no_logarithm(view: ResidualPlot) -> None:
    view.set_log(True)
    view.set_epochs(epochs(0.1, 0.0, float("nan"), 0.001), None)
    drawn = view.r1.getData()[1]
    assert drawn[[0, 3]] == pytest.approx([-1, -3])
    assert not np.isfinite(drawn[1:3]).any()
    view.grab()


@pytest.mark.parametrize(
    ("low", "high", "least"), [(-2.0, 0.0, 5), (-1.0, -0.8, 3), (-1.41, -1.39, 3), (-6, -1, 10)]
)
def test_a_logarithmic_axis_has_round_values_in_any_range(
    qtbot: QtBot, low: float, high: float, least: int
) -> None:
    axis = ValueAxis("left")
    axis.set_log(True)
    ((_, places),) = axis.tickValues(low, high, 150)
    assert len(places) >= least
    assert all(low - 1e-9 <= place <= high + 1e-9 for place in places)
    assert all(len(text) <= 8 for text in axis.tickStrings(places, 1.0, 1.0))


def test_arrows_are_lengthened_by_a_round_number_and_never_shortened() -> None:
    moved = np.full(20, 0.09)
    assert exaggeration(moved, 6.0) == 50
    assert exaggeration(100 * moved, 6.0) == 1
    assert exaggeration(0 * moved, 6.0) == 1


def test_heads_of_arrows_point_the_way(qtbot: QtBot) -> None:
    item = ArrowsItem()
    item.set_arrows(np.array([[0.0, 0.0]]), np.array([[0.0, 10.0]]))
    x, y = item.getData()
    assert (x[1], y[1]) == (10, 0)
    assert x[3] == x[5] < 10
    assert y[3] == -y[5] != 0


@pytest.mark.parametrize(("low", "high"), [(0.93, 0.98), (0.961, 1.043), (-0.4, 0.4), (0.0, 1.0)])
def test_every_axis_writes_at_least_two_numbers(qtbot: QtBot, low: float, high: float) -> None:
    spacing, places = NumberAxis("left").tickValues(low, high, 150)[0]
    assert len([place for place in places if low <= place <= high]) >= 2
    assert spacing > 0
