"""Refining in the real window, with real clicks, on a fake backend."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from gui.fakes import make_scan
from gui.hands import click, is_idle, open_star, refine_to_the_end, run_to_the_end
from PySide6.QtCore import Qt

from ptygui.core.errors import DeviceError
from ptygui.generators.contract import FitSentence
from ptygui.gui.demo import DemoPilot
from ptygui.gui.dialogs.refine_dialog import RefineDialog
from ptygui.gui.presenters.run_job import RunState
from ptygui.jobs.api import PRESETS


@pytest.fixture
def held(qtbot, window, backend):
    """A refinement of the polished picture that waits after its third epoch."""
    run_to_the_end(qtbot, window)
    backend.gate.clear()
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(lambda: "epoch 3 of 10" in caption(window))
    return window


def caption(window) -> str:
    return window.centre.object.view.line.caption.text()


def test_what_is_on_the_screen_is_refined(qtbot, window, backend):
    run_to_the_end(qtbot, window)
    go = window.path.go
    assert go.refine_row.start_words.text() == "from polished"
    assert "Refine the polished picture" in go.refine_button.toolTip()
    click(qtbot, window.centre.object.switch.buttons["raw"])
    assert "raw" in go.refine_row.start_words.text()
    first = window.presenter.results.shown
    refine_to_the_end(qtbot, window)
    (request,) = backend.refinements
    assert request.start is first
    assert (request.start_stage, request.device_id, request.config) == ("raw", "cpu", PRESETS["quick"])
    assert [stage.stage for stage in window.presenter.results.shown.stages] == ["raw", "polished", "refined"]
    assert "refined, 10 epochs · R1 0.110" in caption(window)
    assert window.centre.object.switch.buttons["refined"].isChecked()
    assert "10 epochs of 12 patterns" in window.bottom.progress.words.text()


def test_without_a_generator_that_fits_the_flat_object_is_refined(qtbot, window, backend):
    backend.fit = (FitSentence("problem", "Made for 64 × 64, the scan has 16 × 16."),)
    window.presenter.open_file(Path("/data/star.npz"))
    go = window.path.go
    qtbot.waitUntil(lambda: go.hint.text().startswith("To reconstruct: choose a generator"))
    assert not go.start_button.isEnabled()
    assert "flat object" in go.refine_button.toolTip()
    refine_to_the_end(qtbot, window)
    assert backend.refinements[0].start is None
    assert [stage.stage for stage in window.presenter.results.shown.stages] == ["refined"]


def test_a_result_of_another_scan_is_not_what_is_refined(qtbot, window, backend):
    backend.scans["other.npz"] = make_scan("other", brightness=2)
    run_to_the_end(qtbot, window)
    window.presenter.open_file(Path("/data/other.npz"))
    qtbot.waitUntil(lambda: window.path.scan.name.text() == "other")
    assert window.path.go.refine_row.start_words.text() == "from flat"
    window.menus.results_menu.actions()[0].trigger()
    assert window.presenter.results.object.stage == "polished"
    assert window.path.go.refine_row.start_words.text() == "from flat"
    open_star(qtbot, window)
    window.menus.results_menu.actions()[0].trigger()
    assert window.path.go.refine_row.start_words.text() == "from polished"


def test_picture_probe_and_curves_follow(qtbot, held, backend):
    assert caption(held) == "refining · epoch 3 of 10 · R1 0.133"
    assert held.centre.probe.origin.text() == "probe as it stands in the refinement"
    assert held.centre.probe.view.modes.count() == 2
    curves = held.bottom.curves
    assert held.bottom.tabs.currentWidget() is curves
    assert curves.corner.isVisible()
    assert list(curves.plot.r1.getData()[0]) == [1, 2, 3]
    assert "star, from polished" in curves.plot.plot.legend.text
    assert curves.words.text().startswith("epoch 3\u2003R1 0.1333")
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(held))
    assert len(curves.plot.r1.getData()[0]) == 10
    assert held.centre.probe.origin.text() == "probe as refined"


def test_the_start_is_a_dashed_line_where_it_is_known(qtbot, held, backend):
    assert list(held.bottom.curves.plot.start.getData()[1]) == pytest.approx([0.166, 0.166])


def test_pause_and_go_on(qtbot, held, backend):
    go = held.path.go
    click(qtbot, go.pause_button)
    qtbot.waitUntil(backend.held.is_set)
    assert go.pause_button.text() == "Go on"
    assert held.menus.pause_action.text() == "&Go on"
    assert "paused" in held.status_line.activity.text()
    backend.gate.set()
    assert held.presenter.run.state is RunState.PAUSED
    held.menus.pause_action.trigger()
    qtbot.waitUntil(lambda: is_idle(held))
    assert "refined, 10 epochs" in caption(held)
    assert not held.menus.pause_action.isEnabled()
    assert held.menus.pause_action.text() == "&Pause"


def test_a_reconstruction_shows_no_pause(qtbot, window, backend):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    assert not window.path.go.pause_button.isVisible()
    assert not window.menus.pause_action.isEnabled()
    assert not window.path.go.refine_button.isEnabled()
    window.presenter.run.cancel()
    qtbot.waitUntil(lambda: is_idle(window))


def test_stop_and_keep_keeps_the_epochs_so_far(qtbot, held):
    click(qtbot, held.path.go.stop_button)
    qtbot.waitUntil(lambda: is_idle(held))
    assert "refined, 3 epochs" in caption(held)
    assert "stopped early" in held.status_line.activity.text()
    assert any("after 3 epochs" in line for line in held.bottom.log.lines)


@pytest.mark.parametrize("paused", [False, True])
def test_cancel_shows_everything_as_it_was(qtbot, window, backend, paused):
    run_to_the_end(qtbot, window)
    click(qtbot, window.centre.object.switch.buttons["raw"])
    before, words = window.presenter.results.shown, caption(window)
    backend.gate.clear()
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(lambda: "epoch 3" in caption(window))
    if paused:
        click(qtbot, window.path.go.pause_button)
        qtbot.waitUntil(backend.held.is_set)
    click(qtbot, window.path.go.cancel_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert backend.closed.is_set()
    assert window.presenter.results.shown is before
    assert caption(window) == words
    assert window.centre.object.switch.buttons["raw"].isChecked()
    assert window.centre.probe.view.modes.count() == 1
    assert window.bottom.tabs.currentWidget() is window.bottom.progress
    assert not window.bottom.curves.plot.isVisibleTo(window.bottom.curves)
    assert window.centre.patterns.map.line.note.text() == "12 of 12 in the picture"


def test_cancelling_a_second_one_shows_the_curves_of_the_first(qtbot, window, backend):
    run_to_the_end(qtbot, window)
    refine_to_the_end(qtbot, window)
    backend.gate.clear()
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(lambda: "epoch 3" in caption(window))
    assert "star, from refined" in window.bottom.curves.plot.plot.legend.text
    click(qtbot, window.path.go.cancel_button)
    qtbot.waitUntil(lambda: is_idle(window))
    assert "star, from polished" in window.bottom.curves.plot.plot.legend.text
    assert len(window.bottom.curves.plot.r1.getData()[0]) == 10


def test_a_failure_in_the_middle_keeps_the_result(qtbot, window, backend):
    run_to_the_end(qtbot, window)
    before = window.presenter.results.shown
    backend.failure = DeviceError("Device 'cuda:0' failed: choose another one.")
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(window.banner.isVisible)
    qtbot.waitUntil(lambda: is_idle(window))
    assert "failed" in window.banner.message.text
    assert window.presenter.results.shown is before
    assert "polished, 5 steps" in caption(window)
    assert window.presenter.run.can_refine


def test_closing_in_a_pause_ends_it(qtbot, held, backend):
    click(qtbot, held.path.go.pause_button)
    qtbot.waitUntil(backend.held.is_set)
    words = "A refinement is running: closing ends it, and what was kept of it is offered at the next start."
    assert words in held.presenter.closing_question()
    held.close_without_asking()
    assert held.all_threads_ended
    assert backend.closed.is_set()


def test_the_keyboard_refines(qtbot, window, backend):
    open_star(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_R, both)
    qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)
    assert len(backend.refinements) == 1


def test_presets_and_own_settings_are_remembered(qtbot, make_window, backend, settings):
    window = make_window()
    row = window.path.go.refine_row
    assert row.combo.currentText() == "quick"
    row.combo.activated.emit(row.combo.findText("careful"))
    assert settings.refine_preset == "careful"
    assert window.presenter.refine.config == PRESETS["careful"]
    dialog = open_settings(qtbot, window)
    assert dialog.form.controls["modes"].value() == 2
    dialog.form.controls["epochs"].setValue(25)
    click(qtbot, dialog.use_button)
    assert row.combo.currentText() == "custom"
    assert "epochs 25" in row.combo.toolTip()
    again = make_window(backend, settings)
    assert again.path.go.refine_row.combo.currentText() == "custom"
    open_star(qtbot, again)
    refine_to_the_end(qtbot, again)
    config = backend.refinements[0].config
    assert (config.epochs, config.modes, config.free_positions) == (25, 2, True)


def open_settings(qtbot, window) -> RefineDialog:
    click(qtbot, window.path.go.refine_row.settings_button)
    return window.findChildren(RefineDialog)[-1]


def test_settings_that_make_no_sense_are_refused_in_words(qtbot, window):
    dialog = open_settings(qtbot, window)
    dialog.form.controls["position_limit_px"].setValue(0.0)
    click(qtbot, dialog.use_button)
    assert dialog.isVisible()
    assert dialog.problem.text == "Position limit (px) must be more than 0."
    assert window.path.go.refine_row.combo.currentText() == "quick"
    dialog.reject()


def test_settings_equal_to_a_preset_are_that_preset(qtbot, window):
    dialog = open_settings(qtbot, window)
    dialog.presets.setCurrentText("low dose")
    dialog.presets.activated.emit(dialog.presets.currentIndex())
    click(qtbot, dialog.use_button)
    assert window.path.go.refine_row.combo.currentText() == "low dose"


def test_settings_of_another_version_count_as_not_there(make_window, settings):
    settings.refine_preset, settings.refine_custom = "custom", '{"engine": "magic"}'
    window = make_window()
    assert window.presenter.refine.config.engine == "gradient"


def test_the_demo_presses_both_buttons_and_leaves_the_choice_of_the_user_alone(
    qtbot, window, backend, settings
):
    settings.refine_preset = "careful"
    pilot = DemoPilot(window, Path("/data/star.npz"), Path("/bundles/lines.safetensors"))
    with qtbot.waitSignal(pilot.ended):
        pass
    assert [request.config for request in backend.refinements] == [PRESETS["quick"]]
    assert window.presenter.results.object.stage == "refined"
    assert settings.refine_preset == "careful"
    assert window.bottom.tabs.currentWidget() is window.bottom.progress


def test_a_demo_that_cannot_refine_ends_with_what_there_is(qtbot, window, backend):
    backend.refine = Mock(side_effect=DeviceError("The device is busy: choose another one."))
    pilot = DemoPilot(window, Path("/data/star.npz"), Path("/bundles/lines.safetensors"))
    with qtbot.waitSignal(pilot.ended):
        pass
    assert "busy" in window.banner.message.text
    assert window.presenter.results.object.stage == "polished"
