from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ptygui.core.scan import ObjectImage
from ptygui.gui.panels.training_panel import TrainingPanel
from ptygui.gui.panels.training_pictures import TABLE
from ptygui.gui.presenters.training_screen import ArmPicture, DrawnRun, RunActions, RunRow, Thumbnail
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


def arm(name: str, color: int = 0, *, chosen: bool = False, shade: float = 0.5) -> ArmPicture:
    field = np.full((12, 12), shade, np.float32)
    field[0, 0] = np.nan
    thumbnail = Thumbnail(field, field, (0.0, 1.0), (-1.0, 1.0)) if shade else None
    return ArmPicture(Path(name), name, "R1 0.05", color, chosen, thumbnail)


LEVELS = ((0.0, 1.0), (-1.0, 1.0))


def test_a_study_has_pictures_of_its_arms_and_a_table_and_others_none(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_table("stage-a", ("arm", "best R1"), [("hybrid", "0.05"), ("zero-gamma", "0.31")])
    panel.show_arms([arm("hybrid", chosen=True), arm("zero-gamma", 1, shade=0.0)], LEVELS)
    panel.turns.finish()
    pictures = panel.pictures
    assert pictures.arms.isVisible()
    assert pictures.title.text() == "stage-a"
    assert [len(tile.pictures) for tile in pictures.arms.tiles] == [2, 0]
    choose_tab(panel, qtbot, TABLE)
    assert pictures.table.table.isVisible()
    assert pictures.table.table.item(1, 1).text() == "0.31"
    panel.show_arms([], LEVELS)
    panel.turns.finish()
    assert panel.preview.isVisible()
    assert not pictures.tabs.isVisible()
    panel.show_arms([arm("hybrid")], LEVELS)
    panel.turns.finish()
    assert pictures.table.isVisible(), "the page that the user chose is remembered"
    panel.show_table("", (), [])
    assert pictures.table.empty.isVisible()


def choose_tab(panel: TrainingPanel, qtbot: QtBot, page: int) -> None:
    tabs = panel.pictures.tabs
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(page).center())


def test_a_click_on_an_arm_chooses_its_run_and_a_double_click_shows_it_in_large(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_arms([arm("hybrid"), arm("cnn", 1)], LEVELS)
    panel.turns.finish()
    tile = panel.pictures.arms.tiles[1]
    with qtbot.waitSignal(panel.run_chosen) as told:
        click(qtbot, tile)
    assert told.args == [Path("cnn")]
    assert panel.pictures.arms.isVisible()
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    assert panel.preview.isVisible()


def test_all_arms_have_the_same_levels_and_what_is_not_measured_is_no_picture(
    panel: TrainingPanel, qtbot: QtBot
) -> None:
    panel.show_runs([ROW], KEY)
    panel.show_arms([arm("dark", shade=0.2), arm("light", 1, shade=0.8)], LEVELS)
    panel.turns.finish()
    dark, light = (tile.pictures[0] for tile in panel.pictures.arms.tiles)
    assert dark.pixelColor(5, 5).lightness() < light.pixelColor(5, 5).lightness()
    assert dark.pixelColor(0, 0).alpha() == 0
    before = light.cacheKey()
    panel.show_arms([arm("dark", shade=0.2), panel.pictures.arms.tiles[1].arm], LEVELS)
    panel.turns.finish()
    assert panel.pictures.arms.tiles[1].pictures[0].cacheKey() == before, "coloured only once"


@pytest.mark.parametrize(("width", "height"), [(1000, 700), (420, 420)])
@pytest.mark.parametrize("count", [1, 4, 8])
def test_tiles_use_the_room_and_are_never_crushed(
    panel: TrainingPanel, qtbot: QtBot, width: int, height: int, count: int
) -> None:
    panel.resize(width, height)
    panel.show_runs([ROW], KEY)
    panel.show_arms([arm(str(at), at) for at in range(count)], LEVELS)
    panel.turns.finish()
    view = panel.pictures.arms
    boxes = [tile.geometry() for tile in view.tiles]
    assert all(box.right() < view.viewport().width() for box in boxes)
    assert all(box.height() >= 56 for box in boxes)
    assert not any(one.intersects(other) for at, one in enumerate(boxes) for other in boxes[:at])
    panel.grab()


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
    panel.show_arms([arm("hybrid")], LEVELS)
    panel.turns.finish()
    with qtbot.waitSignal(panel.figure_requested):
        click(qtbot, panel.pictures.figure_button)
