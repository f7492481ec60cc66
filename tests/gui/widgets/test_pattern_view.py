from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.numbers import SPACE
from ptygui.gui.widgets.pattern_view import PatternView, log_counts


@pytest.fixture
def view(qtbot: QtBot) -> PatternView:
    shown = PatternView()
    qtbot.addWidget(shown)
    shown.resize(500, 450)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def a_pattern() -> np.ndarray:
    return np.random.default_rng(0).poisson(50, (32, 40)).astype(np.float32)


def test_setting_a_pattern_is_silent_and_moves_slider_and_box(view: PatternView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.index_changed):
        view.set_pattern(a_pattern(), 117, 516)
    assert view.slider.value() == view.box.value() == 117
    assert view.slider.maximum() == 515


def test_slider_and_box_ask_once_for_another_pattern(view: PatternView, qtbot: QtBot) -> None:
    view.set_pattern(a_pattern(), 0, 516)
    asked: list[int] = []
    view.index_changed.connect(asked.append)
    qtbot.keyClick(view.slider, Qt.Key.Key_Right)
    qtbot.keyClick(view.box, Qt.Key.Key_Up)
    assert asked == [1, 2]
    assert view.slider.value() == view.box.value() == 2


def test_readout_of_a_known_pixel(view: PatternView, mouse: Any) -> None:
    pattern = a_pattern()
    pattern[7, 30] = 963
    view.set_pattern(pattern, 0, 1)
    mouse.move(view.panes, mouse.point(view.panes, view.panes.panes[0].view, 30, 7))
    assert view.line.readout.text() == f"row 7\u2002column 30\u2003963{SPACE}counts"


def test_bad_pixels_are_marked_named_and_do_not_count_for_levels(view: PatternView, mouse: Any) -> None:
    pattern, bad = a_pattern(), np.zeros((32, 40), bool)
    pattern[10, :] = 1e9
    bad[10, :] = True
    view.set_pattern(pattern, 0, 1, bad_pixels=bad)
    pane = view.panes.panes[0]
    assert pane.bar.levels[1] < 2
    point = mouse.point(view.panes, pane.view, 20, 10)
    assert view.panes.grab().toImage().pixelColor(point).name() == "#9aa2ad"
    mouse.move(view.panes, point)
    assert view.line.readout.text().endswith("bad pixel")


def test_levels_stay_when_leafing_through_similar_patterns(view: PatternView) -> None:
    pane = view.panes.panes[0]
    view.set_pattern(a_pattern(), 0, 3)
    first = pane.bar.levels
    view.set_pattern(a_pattern() * 1.02, 1, 3)
    assert pane.bar.levels == first


def test_clear_disables_the_chooser(view: PatternView) -> None:
    view.set_pattern(a_pattern(), 3, 10)
    view.clear()
    assert not view.slider.isEnabled()
    view.grab()


def test_log_counts_of_odd_values() -> None:
    shown = log_counts(np.array([0.0, 9.0, 99.0, -5.0]))
    assert shown == pytest.approx([0, 1, 2, 0])
    assert np.isnan(log_counts(np.array([np.nan]))[0])
