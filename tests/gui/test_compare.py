"""Comparing pictures in the real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gui.fakes import make_refined, make_stage
from gui.hands import click, open_star, refine_to_the_end, run_to_the_end

from ptygui.gui.comparison import compare


@pytest.fixture
def compared(qtbot, window):
    run_to_the_end(qtbot, window)
    refine_to_the_end(qtbot, window)
    window.centre.tabs.setCurrentWidget(window.centre.compare)
    qtbot.waitUntil(window.centre.compare.view.isVisible)
    return window


def test_before_there_are_two_pictures_the_tab_says_how_to_get_them(qtbot, window):
    open_star(qtbot, window)
    window.centre.tabs.setCurrentWidget(window.centre.compare)
    assert "nothing to compare" in window.centre.compare.empty.text()


def test_before_and_after_are_one_click_away(qtbot, compared, backend):
    panel = compared.centre.compare
    assert panel.first.currentText().startswith("polished, 5 steps")
    assert panel.second.currentText().startswith("refined, 10 epochs")
    assert backend.compared == [("polished", "refined")]
    assert panel.first.count() == 3, "a picture that two results share is listed once"
    words = panel.view.line.caption.text()
    assert words.startswith("complex difference 0.0")
    assert "½ bit" in words
    assert "and a phase ramp, removed" in panel.view.line.caption.toolTip()
    assert panel.view.second._title_text == "B in the gauge of A"


def test_nothing_is_compared_while_nobody_looks(qtbot, compared, backend):
    compared.centre.tabs.setCurrentWidget(compared.centre.object)
    refine_to_the_end(qtbot, compared)
    assert len(backend.compared) == 1
    compared.centre.tabs.setCurrentWidget(compared.centre.compare)
    qtbot.waitUntil(lambda: len(backend.compared) == 2)


def test_what_was_refined_further_is_compared_with_what_it_was(qtbot, compared, backend):
    refine_to_the_end(qtbot, compared)
    compared.centre.tabs.setCurrentWidget(compared.centre.compare)
    qtbot.waitUntil(lambda: backend.compared[-1] == ("refined", "refined"))


def test_another_pair_can_be_chosen(qtbot, compared, backend):
    panel = compared.centre.compare
    panel.first.setCurrentIndex(0)
    panel.first.activated.emit(0)
    qtbot.waitUntil(lambda: backend.compared[-1] == ("raw", "refined"))


def test_a_and_b_have_common_levels_and_the_difference_is_symmetric(compared):
    view = compared.centre.compare.view
    low, high = view.difference.bar.levels
    assert low == -high
    for on in (True, False):
        view.show_phase(on)
        assert view.first.bar.levels == view.second.bar.levels


def test_blinking_shows_b_where_a_stands(qtbot, compared):
    panel = compared.centre.compare
    view = panel.view
    click(qtbot, panel.blink_button)
    assert view._timer.isActive()
    view.swap()
    assert view.first._title_text.startswith("B")
    assert view.first.item._values is view.second.item._values
    click(qtbot, panel.blink_button)
    assert view.first._title_text == "A"
    click(qtbot, panel.blink_button)
    compared.centre.tabs.setCurrentWidget(compared.centre.object)
    assert not view._timer.isActive()
    assert not panel.blink_button.isChecked()


def test_gauge_is_no_difference():
    stage = make_stage("polished", 1.0, None)
    rows, cols = np.ogrid[:20, :24]
    ramp = 3 * np.exp(1j * (0.7 + 0.05 * rows - 0.02 * cols))
    image = replace(stage.image, values=(stage.image.values * ramp).astype(np.complex64))
    found = compare(stage, replace(stage, stage="refined", image=image))
    assert found.error < 1e-4
    assert np.abs(found.phase_difference).max() < 1e-3
    assert found.correlation.resolution_px() == 1.0


def test_the_area_keeps_its_place():
    first, second = make_stage("raw", 1.0, None), make_refined()
    first = replace(first, image=replace(first.image, origin_px=(-3.0, -4.0), pixel_size_m=(1e-8, 1e-8)))
    second = replace(second, image=replace(second.image, origin_px=(-3.0, -4.0), pixel_size_m=(1e-8, 1e-8)))
    found = compare(first, second)
    assert found.first.origin_px == (0.0, 0.0)
    np.testing.assert_array_equal(found.first.values, first.image.values[3:12, 4:17])
