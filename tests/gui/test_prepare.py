"""The Prepare tab in the real window, with real clicks, drags and keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from gui.fakes import N, made_of, make_raw, make_result
from gui.hands import click, drop, is_idle
from gui.test_training import the_dialog
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from ptygui.core.preparation import (
    DivideMonitor,
    DropPatterns,
    Lasso,
    MaskHot,
    MaskPainted,
    Preparation,
    Window,
)
from ptygui.core.reading import Reading
from ptygui.gui.main_window import MainWindow
from ptygui.io.registry import prepare

RAW = Path("/data/raw.npz")


def settled(window: MainWindow) -> bool:
    scan = window.presenter.scan
    return scan.latest is not None and not scan.opening and not window.presenter.files.busy


@pytest.fixture
def tab(qtbot, window, backend):
    """The Prepare tab of a scan whose file says nothing."""
    backend.raws["raw.npz"] = make_raw("raw.npz")
    drop(window, RAW)
    qtbot.waitUntil(lambda: settled(window) and window.presenter.scan.scan is not None)
    window.centre.tabs.setCurrentWidget(window.centre.prepare)
    look(qtbot, window)
    return window.centre.prepare


def look(qtbot, window) -> None:
    """Wait until the pictures are those of the scan as it is prepared now."""
    presenter = window.presenter.prepare
    qtbot.waitUntil(
        lambda: (
            settled(window)
            and presenter._seen is not None
            and presenter._seen[0] is window.presenter.scan.latest
        )
    )


def steps(window: MainWindow):
    return window.presenter.scan.latest.preparation.steps


def drag(qtbot, canvas, view, *points: tuple[float, float]) -> None:
    """Drag with the left button through places (row, col) of a view."""
    places = [canvas.mapFromScene(view.mapViewToScene(QPointF(col, row))) for row, col in points]
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(canvas.viewport(), place)
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=places[-1])


def test_a_guess_is_shown_with_its_evidence_overruled_with_one_click_and_undone(qtbot, window, tab):
    line = tab.reading.line("zero_frequency")
    assert line.box.text == "corner"
    assert line.origin.text().startswith("found")
    assert line.origin.toolTip()
    assert not line.back_button.isVisible()
    before = tab.pictures.pattern._mean
    line.box.combo.setCurrentIndex(0)
    line.box.combo.activated.emit(0)
    look(qtbot, window)
    assert window.presenter.scan.scan.metadata.reading.zero_frequency == "centre"
    assert not np.array_equal(tab.pictures.pattern._mean, before)
    assert line.origin.text() == "you"
    click(qtbot, line.back_button)
    look(qtbot, window)
    assert line.box.text == "corner"
    window.activateWindow()
    tab.steps.add_button.setFocus()
    qtbot.waitUntil(tab.steps.add_button.hasFocus)
    qtbot.keyClick(tab.steps.add_button, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    look(qtbot, window)
    assert window.presenter.scan.scan.metadata.reading.zero_frequency == "centre"


def test_positions_are_turned_by_three_toggles(qtbot, window, tab):
    for bit in (4, 2):
        click(qtbot, tab.reading.line("positions_orientation").box.turns[bit])
    look(qtbot, window)
    stored = make_raw("raw.npz").positions
    np.testing.assert_allclose(window.presenter.scan.scan.positions_px, stored[:, ::-1] * (-1, 1))


def test_geometry_is_typed_in_its_unit_where_it_is_unfolded(qtbot, window, tab):
    click(qtbot, tab.reading.folding.button)
    edit = tab.reading.line("energy_ev").box.edit
    qtbot.keyClicks(edit, "8.8")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    look(qtbot, window)
    assert window.presenter.scan.scan.metadata.energy_ev == 8800
    edit.selectAll()
    qtbot.keyClicks(edit, "much")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "must be a number" in tab.reading.problem.text
    assert edit.text() == "much"


def test_a_step_of_the_menu_is_added_switched_off_and_removed(qtbot, window, tab):
    tab.steps.offers["Mask: Hot and dead pixels"].trigger()
    look(qtbot, window)
    assert steps(window) == (MaskHot(),)
    tab.steps.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    look(qtbot, window)
    assert steps(window) == (MaskHot(on=False),)
    click(qtbot, tab.steps.remove_button)
    look(qtbot, window)
    assert steps(window) == ()
    assert tab.steps.none.isVisible()
    click(qtbot, tab.steps.undo_button)
    look(qtbot, window)
    assert tab.steps.list.count() == 1


def test_a_crop_that_leaves_too_little_is_done_and_warned_of(qtbot, window, tab):
    tab.steps.offers["Crop and bin: Crop or pad…"].trigger()
    tab.dialog.boxes["size_px"].edit.setText("2 × 2")
    click(qtbot, tab.dialog.use_button)
    look(qtbot, window)
    assert window.presenter.scan.scan.pattern_shape == (2, 2)
    item = tab.steps.list.item(0)
    assert "hardly hold a probe" in item.text()
    assert not item.icon().isNull()
    texts = [label.text() for label in window.path.scan.facts.findChildren(QLabel)]
    assert any("2 × 2 px hardly hold a probe" in text for text in texts)


def test_what_the_file_has_nothing_for_is_greyed_with_the_reason(qtbot, window, backend, tab):
    monitor = tab.steps.offers["Normalise: Divide by the monitor"]
    assert not monitor.isEnabled()
    assert "does not tell the incoming intensity" in monitor.toolTip()
    assert tab.steps.offers["Mask: Hot and dead pixels"].isEnabled()
    tab.steps.offers["Normalise: Subtract a dark…"].trigger()
    click(qtbot, tab.dialog.use_button)  # with no file named, where the scan's own has none
    assert "must be chosen" in tab.dialog.problem.text
    tab.dialog.reject()
    raw = make_raw("watched.npz")
    backend.raws["watched.npz"] = replace(raw, monitor=np.linspace(1, 2, raw.frames.shape[0]))
    window.presenter.open_file(Path("/data/watched.npz"))
    look(qtbot, window)
    assert monitor.isEnabled()
    monitor.trigger()
    look(qtbot, window)
    assert steps(window) == (DivideMonitor(),)


def test_a_step_with_a_form_stays_open_until_it_makes_sense(qtbot, window, tab):
    tab.steps.offers["Drop patterns: By number…"].trigger()
    dialog = tab.dialog
    qtbot.keyClicks(dialog.boxes["indices"].edit, "all")
    click(qtbot, dialog.use_button)
    assert "e.g. 3, 7" in dialog.problem.text
    dialog.boxes["indices"].edit.setText("0-3")
    click(qtbot, dialog.use_button)
    look(qtbot, window)
    assert steps(window) == (DropPatterns(indices=(0, 1, 2, 3)),)
    assert "8 of 12 kept" in tab.pictures.map.line.note.text()


def test_bad_pixels_are_painted_and_erased_with_a_brush(qtbot, window, tab):
    pattern = tab.pictures.pattern
    click(qtbot, pattern.brush_button)
    pattern.radius.setValue(1)
    view = pattern.panes.panes[0].view
    drag(qtbot, pattern.panes, view, (4, 4), (4, 12))
    look(qtbot, window)
    (step,) = steps(window)
    assert isinstance(step, MaskPainted)
    bad = window.presenter.scan.scan.bad_pixels
    assert bad[4, 3:14].all()  # however quick the hand
    assert bad.sum() < 40
    click(qtbot, pattern.eraser_button)
    assert not pattern.brush_button.isChecked()
    drag(qtbot, pattern.panes, view, (4, 4), (4, 4))
    look(qtbot, window)
    assert len(steps(window)) == 1
    assert not window.presenter.scan.scan.bad_pixels[4, 4]
    assert window.presenter.scan.scan.bad_pixels[4, 12]


def test_the_frame_of_a_crop_is_dragged_by_its_centre(qtbot, window, tab):
    pattern = tab.pictures.pattern
    click(qtbot, pattern.crop_button)
    look(qtbot, window)
    qtbot.waitUntil(lambda: pattern.frame.visible)
    assert steps(window) == (Window(size_px=(N, N)),)
    pattern.frame.centre.setPos(5, 6)
    pattern.frame.centre.sigPositionChangeFinished.emit(pattern.frame.centre)
    look(qtbot, window)
    assert steps(window)[0].centre_px == (6, 5)
    pattern.frame.box.setSize((8, 8))
    look(qtbot, window)
    assert window.presenter.scan.scan.pattern_shape == (8, 8)
    click(qtbot, pattern.crop_button)
    qtbot.waitUntil(lambda: pattern._mean.shape == (8, 8))
    assert not pattern.frame.visible


def test_patterns_are_dropped_by_a_lasso(qtbot, window, tab):
    chart = tab.pictures.map
    click(qtbot, chart.drop_button)
    drag(qtbot, chart.canvas, chart.view, (-1, -1), (-1, 5), (5, 5), (5, -1))
    look(qtbot, window)
    (step,) = steps(window)
    assert isinstance(step, Lasso)
    assert not step.keep
    assert len(window.presenter.scan.scan) == 8
    assert not chart.drop_button.isChecked()


def test_the_orientation_is_found_and_taken_over(qtbot, window, tab):
    click(qtbot, tab.reading.find_button)
    qtbot.waitUntil(lambda: "Found, 93" in tab.reading.found.text)
    look(qtbot, window)
    reading = window.presenter.scan.latest.preparation.reading
    assert (reading.frames_orientation, reading.positions_orientation) == (2, 4)
    assert tab.reading.line("frames_orientation").box.combo.currentText() == "upside down"
    assert "Found, 93" in tab.reading.found.text


def test_a_file_that_lacks_something_asks_in_the_card_and_keeps_what_is_being_typed(qtbot, window, backend):
    backend.raws["raw.npz"] = make_raw("raw.npz", stated=Reading(position_unit="um"))
    drop(window, RAW)
    qtbot.waitUntil(lambda: window.presenter.scan.lacking)
    form = window.path.scan.lack
    assert "object pixel size" in form.sentence.text
    assert list(form.lines.lines) == ["energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m"]
    assert "tell what the scan lacks" in window.path.go.hint.text()
    energy, distance = (form.lines.lines[name].box.edit for name in ("energy_ev", "distance_m"))
    qtbot.keyClicks(energy, "8.8")
    qtbot.keyClick(energy, Qt.Key.Key_Return)
    qtbot.keyClicks(distance, "1.9")
    qtbot.waitUntil(lambda: "energy_ev" not in form.lines.lines)
    assert distance.text() == "1.9"
    qtbot.keyClick(distance, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "distance_m" not in form.lines.lines)
    pixel = form.lines.lines["detector_pixel_m"].box.edit
    qtbot.keyClicks(pixel, "75")
    qtbot.keyClick(pixel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None)
    assert window.path.scan.facts.isVisible()
    assert not form.isVisible()


def test_while_a_file_lacks_something_nothing_is_said_of_the_scan_before_it(qtbot, window, backend, tab):
    card = window.path.generator
    qtbot.waitUntil(lambda: bool(card.fit_sentences) and card.train_button.isEnabled())
    backend.raws["odd.npz"] = make_raw("odd.npz", stated=Reading(position_unit="um"))
    drop(window, Path("/data/odd.npz"))
    qtbot.waitUntil(lambda: window.presenter.scan.lacking and settled(window))
    assert not card.fit_sentences
    assert "once the scan lacks nothing" in card.advice.text
    assert not card.train_button.isEnabled()
    assert "Tell what the scan lacks" in card.train_button.toolTip()
    assert "tell what the scan lacks" in window.path.go.hint.text()
    assert tab.reading.line("zero_frequency").origin.text() == "not known yet"
    click(qtbot, window.path.scan.lack.give_up_button)
    qtbot.waitUntil(lambda: bool(card.fit_sentences) and card.train_button.isEnabled())
    assert not card.advice.text


def test_positions_are_chosen_in_a_dialog_that_draws_them(qtbot, window, backend, tmp_path, monkeypatch):
    path = tmp_path / "positions.csv"
    path.write_text("n,samx (px),samy (px)\n" + "".join(f"{i},{i % 4 * 3},{i // 4 * 3}\n" for i in range(12)))
    backend.raws["raw.npz"] = make_raw("raw.npz", positions=None)
    drop(window, RAW)
    qtbot.waitUntil(lambda: window.presenter.scan.lacking)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(qtbot, window.path.scan.lack.positions_button)
    dialog = window.scans.positions_dialog
    qtbot.waitUntil(dialog.use_button.isEnabled)
    assert dialog.x_combo.currentText() == "samx (px)"
    assert dialog.table.rowCount() == 5
    click(qtbot, dialog.use_button)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None)
    assert window.presenter.scan.scan.positions_px[-1].tolist() == [6, 9]


def test_other_positions_are_chosen_where_the_tab_says_where_they_come_from(
    qtbot, window, tab, tmp_path, monkeypatch
):
    path = tmp_path / "positions.csv"
    path.write_text("x (px),y (px)\n" + "".join(f"{i % 4 * 3},{i // 4 * 3}\n" for i in range(12)))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    line = tab.reading.line("positions_file")
    click(qtbot, line.box.browse)
    dialog = window.scans.positions_dialog
    qtbot.waitUntil(dialog.use_button.isEnabled)
    click(qtbot, dialog.use_button)
    look(qtbot, window)
    assert (line.box.text, line.origin.text()) == ("positions.csv", "you")
    assert window.presenter.scan.scan.positions_px[-1].tolist() == [6, 9]
    click(qtbot, line.back_button)
    look(qtbot, window)
    assert line.box.text == "the scan itself"


def test_nothing_lies_over_the_left_side_in_the_smallest_window(qtbot, window, backend):
    window.resize(960, 640)
    window.show_prepare_tab()
    backend.raws["raw.npz"] = make_raw("raw.npz", positions=None)
    drop(window, RAW)
    qtbot.waitUntil(lambda: window.presenter.scan.lacking)
    tab = window.centre.prepare
    qtbot.waitUntil(lambda: tab.empty.isVisible() and tab._left.width() > 300)
    assert tab.empty.x() >= 0
    assert tab.empty.parentWidget().x() >= tab._left.geometry().right()
    tab.pictures.pattern.line.set_readout("1437, 2011, and a great many counts, as it may well happen")
    assert tab.pictures.pattern.line.minimumSizeHint().width() < 200
    assert not tab.pictures.pattern.line.note.isVisibleTo(tab.pictures.pattern.line)


def test_unequal_numbers_are_settled_with_one_click(qtbot, window, backend):
    backend.raws["raw.npz"] = make_raw("raw.npz", positions=make_raw("x").positions[:10])
    drop(window, RAW)
    qtbot.waitUntil(lambda: window.presenter.scan.lacking)
    click(qtbot, window.path.scan.lack.first_button)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None)
    assert len(window.presenter.scan.scan) == 10


def test_a_preparation_is_saved_and_loaded_and_trained_with(
    qtbot, window, backend, tab, tmp_path, monkeypatch
):
    tab.steps.offers["Mask: Hot and dead pixels"].trigger()
    look(qtbot, window)
    path = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    click(qtbot, tab.save_button)
    qtbot.waitUntil(path.exists)
    click(qtbot, tab.steps.undo_button)
    look(qtbot, window)
    click(qtbot, tab.load_button)
    qtbot.waitUntil(lambda: steps(window) == (MaskHot(),))
    look(qtbot, window)
    click(qtbot, window.path.generator.train_button)
    dialog = the_dialog(qtbot, window)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.started))
    assert backend.training.started[0].data.preparation.steps == (MaskHot(),)


def test_a_result_brings_the_preparation_of_its_scan(qtbot, window, backend):
    raw = backend.raws["raw.npz"] = make_raw("raw.npz")
    backend.scans["raw.npz"] = prepare(raw, Preparation())  # what tells the fake that the file is there
    preparation = Preparation(steps=(DropPatterns(indices=(0, 1)),))
    scan = prepare(raw, preparation)
    result = made_of(scan, make_result())
    recipe = {**result.recipe, "preparation": msgspec.to_builtins(preparation)}
    backend.results["mine.npz"] = replace(result, recipe=recipe)
    drop(window, Path("/out/mine.npz"))
    qtbot.waitUntil(lambda: window.presenter.results.shown is not None)
    assert window.presenter.scan.latest.preparation == preparation
    assert len(window.presenter.scan.scan) == 10


def test_a_folder_is_opened_and_a_scan_is_read_again_with_a_key(qtbot, window, backend, tab, monkeypatch):
    backend.raws["raw.npz"] = make_raw("raw.npz", n=16)
    action = next(
        action
        for menu in window.menus.actions()
        for action in menu.menu().actions()
        if action.shortcut().toString() == "F5"
    )
    action.trigger()
    look(qtbot, window)
    assert any("4 patterns came, 16 in all" in line for line in window.bottom.log.lines)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/data/star.npz")
    window.scans.ask_for_folder()
    qtbot.waitUntil(lambda: settled(window) and window.presenter.scan.scan.metadata.name == "star")


def test_nothing_can_be_changed_during_a_run(qtbot, window, backend, tab):
    qtbot.waitUntil(lambda: window.presenter.run.can_start)
    backend.gate.clear()
    click(qtbot, window.path.go.start_button)
    assert not tab.steps.isEnabled()
    assert not tab.reading.isEnabled()
    assert not tab.pictures.pattern.tools.isEnabled()
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(window))
    assert tab.steps.isEnabled()
