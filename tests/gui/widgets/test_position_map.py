from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.numbers import MINUS, SPACE
from ptygui.gui.widgets.points_item import PointsItem
from ptygui.gui.widgets.position_map import PositionMap


@pytest.fixture
def view(qtbot: QtBot) -> PositionMap:
    shown = PositionMap()
    qtbot.addWidget(shown)
    shown.resize(450, 450)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def a_grid() -> np.ndarray:
    """30 positions (y, x), 10 px apart; number 0 is top left, number 5 top right."""
    return np.array([(10.0 * row, 10.0 * col) for row in range(5) for col in range(6)])


@pytest.mark.parametrize(("offset", "index"), [((0, 0), 16), ((3, -4), 16), ((0, 7), 17), ((7, 0), 22)])
def test_a_click_selects_the_nearest_pattern(
    view: PositionMap, qtbot: QtBot, mouse: Any, offset: tuple[float, float], index: int
) -> None:
    view.set_positions(a_grid())
    y, x = a_grid()[16] + offset
    with qtbot.waitSignal(view.pattern_selected) as chosen:
        mouse.click(view.canvas, mouse.point(view.canvas, view.view, x, y))
    assert chosen.args == [index]
    assert view.selected == index


def test_y_runs_down(view: PositionMap, mouse: Any) -> None:
    view.set_positions(a_grid())
    top, bottom = (mouse.point(view.canvas, view.view, 0, y) for y in (0, 40))
    assert top.y() < bottom.y()


def test_selecting_from_outside_is_silent(view: PositionMap, qtbot: QtBot) -> None:
    view.set_positions(a_grid())
    with qtbot.assertNotEmitted(view.pattern_selected):
        view.set_selected(3)
    assert view.selected == 3
    view.set_positions(a_grid())
    assert view.selected is None


def test_a_scan_that_grows_is_shown_whole_unless_the_user_looks_at_a_part(
    view: PositionMap, mouse: Any
) -> None:
    grid = a_grid()
    view.set_positions(grid[:6])  # a single line of them has no height
    view.set_positions(grid[:18], stay=True)
    assert view.view.viewRect().contains(50, 20)
    mouse.wheel(view.canvas, mouse.point(view.canvas, view.view, 20, 10), 6)
    part = view.view.viewRect()
    view.set_positions(grid, stay=True)
    assert view.view.viewRect() == part
    view.set_positions(grid)
    assert view.view.viewRect().contains(50, 40)


def test_readout_in_micrometres(view: PositionMap, mouse: Any) -> None:
    view.set_positions(a_grid() - 20, (100e-9, 50e-9))
    mouse.move(view.canvas, mouse.point(view.canvas, view.view, -1.0, -2.0))
    assert view.line.readout.text() == f"pattern 0\u2003x {MINUS}1.00{SPACE}µm\u2002y {MINUS}2.00{SPACE}µm"


def test_what_is_seen_changes_colour_and_is_counted(view: PositionMap, mouse: Any) -> None:
    view.set_positions(a_grid())
    assert view.line.note.text() == "30 positions"
    seen = np.zeros(30, bool)
    seen[:10] = True
    view.set_seen(seen)
    assert view.line.note.text() == "10 of 30 in the picture"
    points = [mouse.point(view.canvas, view.view, x, y) for y, x in (a_grid()[3], a_grid()[20])]
    picture = view.canvas.grab().toImage()
    colors = [picture.pixelColor(point).name() for point in points]
    assert colors == ["#5fbf77", "#9aa2ad"]


@pytest.mark.parametrize("positions", [np.zeros((1, 2)), np.array([(0.0, 5.0 * k) for k in range(9)])])
def test_a_single_point_and_a_line_are_shown(view: PositionMap, positions: np.ndarray) -> None:
    view.set_positions(positions, (1e-8, 1e-8))
    view.grab()


def test_fifty_thousand_positions_and_clear(view: PositionMap) -> None:
    view.set_positions(np.random.default_rng(0).uniform(-500, 500, (50_000, 2)))
    view.action_path.setChecked(True)
    view.grab()
    view.clear()
    assert view.line.note.text() == "0 positions"
    view.grab()


def test_seen_and_unseen_points_are_equally_large_however_many_there_are(view: PositionMap) -> None:
    positions = np.stack(np.mgrid[:40, :40], axis=-1).reshape(-1, 2).astype(float)
    view.set_positions(positions)
    widths = set()
    for seen in (3, 700, 1597):
        view.set_seen(np.arange(len(positions)) < seen)
        view.grab()
        widths |= {item._pen.widthF() for item in (view._seen_points, view._unseen_points)}
    assert len(widths) == 1
    assert 1.5 < widths.pop() < 5


def test_points_are_round_however_small_the_scan_is(qtbot: QtBot) -> None:
    item = PointsItem()
    item.set_points(np.array([(0.01, 0.01)]))
    item.set_spacing(1)
    item.set_color("#ffffff")
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("black"))
    painter = QPainter(picture)
    painter.scale(2000, 2000)
    item.paint(painter)
    painter.end()
    seen = [(x, y) for x in range(40) for y in range(40) if picture.pixelColor(x, y).value() > 50]
    width, height = np.ptp(seen, axis=0)
    assert width == height <= 5
