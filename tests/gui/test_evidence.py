"""How good a picture is: tab, map and computed patterns in the real window."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from gui.fakes import make_evidence, make_refined
from gui.hands import click, open_star, refine_to_the_end, run_to_the_end

from ptygui.core.judgement import Judgement
from ptygui.gui.presenters.evidence_words import missing_words, resolution_words
from ptygui.gui.widgets.cards import WrappingLabel


@pytest.fixture
def refined(qtbot, window):
    run_to_the_end(qtbot, window)
    refine_to_the_end(qtbot, window)
    qtbot.waitUntil(lambda: texts(window) == ["R1 is 0.110."])
    return window


def texts(window) -> list[str]:
    return [sentence.text for sentence in window.bottom.evidence.sentences]


def test_a_picture_is_judged_as_soon_as_there_is_one(qtbot, window):
    evidence = window.bottom.evidence
    open_star(qtbot, window)
    assert "no picture" in evidence.missing.text
    run_to_the_end(qtbot, window)
    qtbot.waitUntil(lambda: texts(window) == ["R1 is 0.166."])
    assert evidence.plot.isHidden()


def test_a_refined_one_shows_sentences_figures_and_correlation(qtbot, refined):
    evidence = refined.bottom.evidence
    refined.bottom.tabs.setCurrentWidget(evidence)
    assert evidence.plot.isVisible()
    assert evidence.missing.isHidden()
    assert evidence.plot._mark.value() == pytest.approx(0.23, abs=0.02)
    assert "½ bit" in evidence.plot._words.toPlainText()
    assert "residual: the share" in evidence.sentences[0].toolTip()
    refined.centre.tabs.setCurrentWidget(refined.centre.object)
    click(qtbot, refined.centre.object.switch.buttons["polished"])
    qtbot.waitUntil(lambda: texts(refined) == ["R1 is 0.166."])
    assert evidence.plot.isHidden()


def test_what_calls_for_something_says_for_what(qtbot, window, backend):
    backend.judge = Mock(
        return_value=[Judgement("problem", "details", "They disagree.", "Do not believe it.")]
    )
    run_to_the_end(qtbot, window)
    window.bottom.tabs.setCurrentWidget(window.bottom.evidence)
    qtbot.waitUntil(lambda: texts(window) == ["They disagree."])
    labels = window.bottom.evidence.findChildren(WrappingLabel)
    (advice,) = (label for label in labels if label.isVisible() and label.text() == "Do not believe it.")
    assert advice.property("role") == "muted"


def test_another_scan_takes_the_evidence_away(qtbot, refined):
    open_star(qtbot, refined)
    assert texts(refined) == []
    assert not refined.centre.patterns.map.bar.view.isVisible()
    assert refined.centre.patterns.map._shifts_button.isHidden()


def test_what_is_missing_is_said():
    assert "half-scan" in missing_words(make_refined(evidence=make_evidence(half_scan=False)))
    assert missing_words(make_refined()) == ""
    correlation = make_evidence().half_scan
    assert resolution_words(correlation).startswith("details agree down to 2.")


def test_measured_and_computed_stand_side_by_side(qtbot, refined, backend):
    panel = refined.centre.patterns
    refined.centre.tabs.setCurrentWidget(panel)
    measured, computed = panel.pattern.panes.panes
    qtbot.waitUntil(lambda: ("refined", 0) in backend.computed and computed.view.isVisible())
    panel.map.pattern_selected.emit(7)
    qtbot.waitUntil(lambda: panel.pattern.box.value() == 7)
    assert float(computed.item._values.mean()) == 8.5
    assert measured.bar.levels == computed.bar.levels
    assert measured._title_text.startswith("measured")
    click(qtbot, panel.pattern.computed_button)
    qtbot.waitUntil(lambda: not computed.view.isVisible())
    assert panel.pattern.isVisible()


def test_levels_dragged_in_one_hold_for_both(qtbot, refined):
    measured, computed = refined.centre.patterns.pattern.panes.panes
    qtbot.waitUntil(computed.view.isVisible)
    computed.bar.levels_dragged.emit(0.2, 0.7)
    assert measured.bar.levels == pytest.approx((0.2, 0.7))
    assert refined.centre.patterns.pattern.action_lock_levels.isChecked()


def test_the_map_is_coloured_by_residual_and_has_arrows(qtbot, refined):
    panel = refined.centre.patterns
    refined.centre.tabs.setCurrentWidget(panel)
    position_map = panel.map
    assert position_map.bar.view.isVisible()
    assert position_map.bar.axis.labelText == "R1 of each pattern"
    assert not position_map._seen_points.isVisible()
    counts = [item._polygon.size() for item in position_map._valued_points._items]
    assert sum(counts) == 12
    assert position_map._arrows.isVisible()
    assert position_map._shifts_button.isVisible()
    assert position_map.line.note.text() == "arrows × 5"
    position_map.action_shifts.trigger()
    assert not position_map._arrows.isVisible()
    assert position_map.line.note.text() == "12 of 12 in the picture"


def test_arrows_point_to_where_positions_went(refined):
    x, y = refined.centre.patterns.map._arrows.getData()
    shifts = make_evidence().shifts_px
    positions = refined.presenter.scan.scan.positions_px
    np.testing.assert_allclose(np.stack([y[1::6], x[1::6]], axis=-1), positions + 5 * shifts)
