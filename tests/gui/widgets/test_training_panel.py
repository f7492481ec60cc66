from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ptygui.core.scan import ObjectImage
from ptygui.gui.panels.training_panel import TrainingPanel
from ptygui.gui.presenters.training_screen import DrawnRun, RunActions, RunRow
from ptygui.runs.history import Series

KEY = Path("/runs/a")
ROW = RunRow(KEY, "a", "hybrid", "running 3 %", "running", "2 min", "R1 0.05")


def drawn(*keys: tuple[str, str]) -> DrawnRun:
    places = np.arange(20.0)
    return DrawnRun(KEY, "a", 0, False, {key: Series(places, places, places + 1) for key in keys})


def picture(scale: float = 1.0) -> ObjectImage:
    values = (scale * np.random.default_rng(0).random((32, 32))).astype(np.complex64)
    return ObjectImage(values, np.ones((32, 32), bool))


@pytest.fixture
def panel(qtbot: QtBot) -> TrainingPanel:
    shown = TrainingPanel()
    qtbot.addWidget(shown)
    shown.resize(1000, 700)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def click(qtbot: QtBot, button: Any) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_runs_it_says_what_to_do(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([], None)
    assert panel.empty.isVisible()
    assert "Press" in panel.empty.text()
    for button, signal in (
        (panel.runs.new_button, panel.new_requested),
        (panel.runs.watch_button, panel.watch_requested),
    ):
        with qtbot.waitSignal(signal):
            click(qtbot, button)


def test_buttons_do_what_can_be_done(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([ROW], KEY)
    assert panel.runs.list.isVisible()
    panel.show_actions(RunActions(stop=True, use=True))
    assert not panel.runs.resume_button.isVisible()
    with qtbot.waitSignal(panel.stop_requested):
        click(qtbot, panel.runs.stop_button)
    with qtbot.waitSignal(panel.use_requested):
        click(qtbot, panel.runs.use_button)
    panel.show_actions(RunActions(resume=True))
    assert not panel.runs.stop_button.isVisible()
    assert not panel.runs.use_button.isEnabled()
    with qtbot.waitSignal(panel.resume_requested):
        click(qtbot, panel.runs.resume_button)


def test_the_menu_over_a_run_has_every_action(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_actions(RunActions(bin=True))
    actions = {action.text(): action for action in panel.runs.list.menu.actions() if action.text()}
    assert len(actions) == 6
    assert [name for name, action in actions.items() if action.isEnabled()] == ["Move to the bin"]
    with qtbot.waitSignal(panel.bin_requested):
        actions["Move to the bin"].trigger()


def test_loss_is_on_the_left_and_the_residual_on_the_right(panel: TrainingPanel) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "rate"), ("train", "loss"), ("val", "raw.r1"))])
    panel.turns.finish()
    assert [part.combo.currentText() for part in panel.curves.parts] == ["Loss", "Canvas residual"]


def test_a_chosen_quantity_stays_and_the_default_comes_when_it_can(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "loss"), ("train", "rate"))])
    panel.turns.finish()
    left, right = panel.curves.parts
    assert right.combo.currentText() == "Learning rate"
    left.combo.setFocus()
    qtbot.keyClick(left.combo, Qt.Key.Key_Down)
    assert left.plot.quantity is not None
    assert left.plot.quantity.name == "Learning rate"
    panel.show_curves([drawn(("train", "loss"), ("train", "rate"), ("val", "raw.r1"))])
    panel.turns.finish()
    assert left.combo.currentText() == "Learning rate"
    assert right.combo.currentText() == "Canvas residual"
    assert right.plot.quantity is not None
    assert right.plot.quantity.name == "Canvas residual"


def test_levels_stay_while_the_film_runs(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_preview(picture(), "step 500")
    panel.turns.finish()
    panel.show_previews((0, 500), 1, True)
    levels = panel.preview.view.panes.amplitude.bar.levels
    with qtbot.waitSignal(panel.play_toggled):
        click(qtbot, panel.preview.player.play_button)
    panel.show_preview(picture(0.2), "step 0")
    panel.turns.finish()
    assert panel.preview.view.panes.amplitude.bar.levels == levels
    panel.preview.player.pause()
    assert not panel.preview.view.action_lock_levels.isChecked()
    panel.show_preview(picture(0.2), "step 0")
    panel.turns.finish()
    assert panel.preview.view.panes.amplitude.bar.levels != levels


def test_no_picture_yet_is_said(panel: TrainingPanel) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_preview(None, "The first preview comes after the first epoch.")
    panel.turns.finish()
    assert panel.preview.empty.isVisible()
    assert "first epoch" in panel.preview.empty.text()


def test_axes_and_smoothing_hold_for_both_plots(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "loss"), ("val", "raw.r1"))])
    panel.turns.finish()
    click(qtbot, panel.curves.log_button)
    for plot in panel.curves.plots:
        ((_, curve),) = plot.curves.items()
        assert curve.line.getData()[1].max() == pytest.approx(np.log10(20), rel=0.1)


def test_back_to_all_is_offered_while_zoomed(panel: TrainingPanel, qtbot: QtBot, mouse: Any) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "loss"))])
    panel.turns.finish()
    part = panel.curves.parts[0]
    assert not part.all_button.isVisible()
    mouse.wheel(part.plot.plot, mouse.point(part.plot.plot, part.plot.plot.view, 10, 10), 2)
    click(qtbot, part.all_button)
    assert not part.plot.is_zoomed
    assert not part.all_button.isVisible()


def test_a_study_has_a_table_and_others_none(panel: TrainingPanel) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_table("stage-a", ("arm", "best R1"), [("hybrid", "0.05"), ("zero-gamma", "0.31")])
    assert panel.table.isVisible()
    assert panel.table.table.item(1, 1).text() == "0.31"
    panel.show_table("", (), [])
    assert not panel.table.isVisible()


@pytest.mark.parametrize("kind", ["csv", "png", "svg"])
def test_export_is_asked_for_by_kind(panel: TrainingPanel, qtbot: QtBot, kind: str) -> None:
    action = next(
        action for action in panel.curves.export_button.menu().actions() if kind.upper() in action.text()
    )
    with qtbot.waitSignal(panel.export_wanted) as told:
        action.trigger()
    assert told.args == [kind]


def test_one_thing_is_painted_a_turn_and_the_latest_counts(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "loss"))])
    panel.show_curves([drawn(("train", "loss"), ("val", "raw.r1"))])
    panel.show_preview(picture(), "step 500")
    left, right = (part.plot for part in panel.curves.parts)
    assert not left.curves
    panel.turns._next()
    assert left.curves
    assert not right.curves
    panel.turns._next()
    assert right.quantity is not None
    assert right.quantity.name == "Canvas residual"
    assert panel.preview.view.line.caption.text() == ""
    qtbot.waitUntil(lambda: panel.preview.view.line.caption.text() == "step 500")


def test_before_the_first_point_it_says_what_will_be_drawn(panel: TrainingPanel) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_curves([DrawnRun(KEY, "a", 0, False, {})])
    panel.turns.finish()
    for part, name in zip(panel.curves.parts, ("Loss", "Canvas residual"), strict=True):
        assert part.combo.currentText() == name
        assert not part.combo.isEnabled()
        assert part.plot.empty.isVisible()
        assert part.plot.empty.text() == "no points yet"
    panel.show_curves([drawn(("train", "loss"), ("val", "raw.r1"))])
    panel.turns.finish()
    for part in panel.curves.parts:
        assert part.combo.isEnabled()
        assert not part.plot.empty.isVisible()


def test_names_stand_beside_the_controls_where_there_is_room_and_above_them_elsewhere(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    curves = panel.curves
    panel.show_runs([ROW], KEY)
    panel.show_curves([drawn(("train", "loss"))])
    qtbot.waitUntil(lambda: curves.legend.geometry().bottom() >= curves.log_button.geometry().top())
    many = [
        DrawnRun(Path(f"/runs/{at}"), f"stable_hybrid, decoder normalised, seed {at}", at, False, {})
        for at in range(7)
    ]
    panel.show_curves(many)
    qtbot.waitUntil(lambda: curves.legend.geometry().bottom() < curves.log_button.geometry().top())
    assert "seed&nbsp;6" in curves.legend.text()
    assert "decoder normalised, seed 6" in curves.legend.toolTip()


def test_the_figure_of_a_study_is_asked_for(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_table("stage-a", ("arm", "best R1"), [("hybrid", "0.05")])
    with qtbot.waitSignal(panel.figure_requested):
        panel.table.figure_button.click()
