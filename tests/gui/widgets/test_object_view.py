from typing import Any

import cmap
import numpy as np
import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from ptygui.core.scan import ObjectImage
from ptygui.gui.widgets.numbers import MINUS, SPACE
from ptygui.gui.widgets.object_view import ObjectView


def an_image(seed: int = 0, scale: float = 1.0, **more: Any) -> ObjectImage:
    """60 x 80 pixels, a frame of 5 not covered; amplitude near `scale`, phases within 0.5 of 2 rad."""
    rng = np.random.default_rng(seed)
    values = scale * rng.uniform(0.8, 1.2, (60, 80)) * np.exp(1j * (2 + rng.uniform(-0.5, 0.5, (60, 80))))
    covered = np.zeros(values.shape, bool)
    covered[5:-5, 5:-5] = True
    values[~covered] = 0
    return ObjectImage(values.astype(np.complex64), covered, **more)


@pytest.fixture
def view(qtbot: QtBot) -> ObjectView:
    shown = ObjectView()
    qtbot.addWidget(shown)
    shown.resize(900, 400)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.set_image(an_image())
    qtbot.wait(1)
    return shown


def ranges(view: ObjectView) -> list[list[list[float]]]:
    return [pane.view.viewRange() for pane in view.panes.panes]


def levels(view: ObjectView) -> list[tuple[float, float]]:
    return [pane.bar.levels for pane in view.panes.panes]


@pytest.mark.parametrize("size", [(900, 400), (700, 700), (1500, 380)])
def test_both_pictures_are_equal_in_size_and_show_the_same(
    view: ObjectView, qtbot: QtBot, size: tuple[int, int]
) -> None:
    view.resize(*size)
    qtbot.wait(1)
    boxes = [pane.view.sceneBoundingRect() for pane in view.panes.panes]
    assert boxes[0].width() == pytest.approx(boxes[1].width(), abs=1)
    assert boxes[0].height() == boxes[1].height()
    assert np.allclose(*ranges(view), atol=0.3)
    (left, right), (top, bottom) = ranges(view)[0]
    assert left <= 4.5 < 74.5 <= right
    assert top <= 4.5 < 54.5 <= bottom


def test_the_covered_part_fills_the_picture(view: ObjectView) -> None:
    (left, right), (top, bottom) = ranges(view)[0]
    assert min((right - left) / 70, (bottom - top) / 50) == pytest.approx(1.02, abs=0.02)


@pytest.mark.parametrize("which", [0, 1])
def test_zoom_and_pan_are_linked_both_ways(view: ObjectView, mouse: Any, which: int) -> None:
    before = ranges(view)[0]
    pane = view.panes.panes[which]
    mouse.wheel(view.panes, mouse.point(view.panes, pane.view, 40, 30), 3)
    zoomed = ranges(view)
    assert np.ptp(zoomed[0][0]) < 0.9 * np.ptp(before[0])
    assert np.allclose(*zoomed)
    start, end = (mouse.point(view.panes, pane.view, *place) for place in ((40, 30), (35, 27)))
    mouse.drag(view.panes, start, end)
    panned = ranges(view)
    assert np.mean(panned[0][0]) - np.mean(zoomed[0][0]) == pytest.approx(5, abs=1)
    assert np.allclose(*panned)


def test_a_new_image_keeps_the_zoom_of_the_user(view: ObjectView, mouse: Any) -> None:
    mouse.wheel(view.panes, mouse.point(view.panes, view.panes.amplitude.view, 40, 30), 3)
    zoomed = ranges(view)
    view.set_image(an_image(1, origin_px=(-20.0, -20.0)))
    assert ranges(view) == zoomed
    view.action_fit.trigger()
    assert ranges(view) != zoomed


def test_double_click_shows_the_whole_object_again(view: ObjectView, mouse: Any) -> None:
    whole = ranges(view)
    centre = mouse.point(view.panes, view.panes.phase.view, 40, 30)
    mouse.wheel(view.panes, centre, 3)
    mouse.double_click(view.panes, centre)
    assert np.allclose(ranges(view), whole)


def test_without_zoom_a_growing_object_stays_in_view(view: ObjectView) -> None:
    view.set_image(an_image(1, origin_px=(100.0, 100.0)))
    (left, right), (top, bottom) = ranges(view)[0]
    assert left < 105 < 175 <= right
    assert top < 105 < 155 <= bottom


def test_with_expected_positions_the_view_stands_still_while_the_object_grows(view: ObjectView) -> None:
    view.clear()
    view.expect_positions(np.array([[0.0, 0.0], [300.0, 300.0]]))
    view.set_image(an_image())
    first = ranges(view)
    assert first[0][1][1] >= 300
    view.set_image(an_image(1, origin_px=(200.0, 200.0)))
    assert ranges(view) == first


def test_cursor_readout_of_a_known_pixel(view: ObjectView, mouse: Any, qtbot: QtBot) -> None:
    image = an_image(origin_px=(100.0, -40.0))
    image.values[20, 50] = 0.94 * np.exp(1j * 1.3)
    view.action_remove_phase.setChecked(False)
    view.set_image(image)
    point = mouse.point(view.panes, view.panes.amplitude.view, -40 + 50, 100 + 20)
    with qtbot.waitSignal(view.cursor_text_changed) as said:
        mouse.move(view.panes, point)
    text = f"x 10{SPACE}px\u2002y 120{SPACE}px\u2003amplitude 0.940\u2002phase 1.30{SPACE}rad"
    assert said.args == [text]
    assert view.line.readout.text() == text


def test_readout_under_a_resting_cursor_follows_the_data(view: ObjectView, mouse: Any) -> None:
    mouse.move(view.panes, mouse.point(view.panes, view.panes.amplitude.view, 40, 30))
    before = view.line.readout.text()
    view.set_image(an_image(7))
    after = view.line.readout.text()
    assert before.split("\u2003")[0] == after.split("\u2003")[0]
    assert before != after


def test_cursor_readout_in_micrometres_with_true_minus(view: ObjectView, mouse: Any) -> None:
    view.set_image(an_image(origin_px=(0.0, -40.0), pixel_size_m=(50e-9, 100e-9)))
    mouse.move(view.panes, mouse.point(view.panes, view.panes.phase.view, -2.0, 1.0))
    assert view.line.readout.text().startswith(f"x {MINUS}2.00{SPACE}µm\u2002y 1.00{SPACE}µm\u2003amplitude")


def test_cursor_outside_and_on_uncovered_pixels(view: ObjectView, mouse: Any, qtbot: QtBot) -> None:
    view.set_image(an_image(origin_px=(0.0, 0.0)))
    mouse.move(view.panes, mouse.point(view.panes, view.panes.amplitude.view, 4, 30))
    assert view.line.readout.text().endswith("not covered")
    mouse.leave(view.panes)
    assert view.line.readout.text() == ""


def test_a_cross_hair_stands_at_the_same_place_in_both_pictures(view: ObjectView, mouse: Any) -> None:
    before, shown = view.panes.grab().toImage(), ranges(view)
    mouse.move(view.panes, mouse.point(view.panes, view.panes.amplitude.view, 30, 20))
    after = view.panes.grab().toImage()
    for pane in view.panes.panes:
        assert pane.cursor_at() == pytest.approx((30, 20), abs=0.5)
        (x, y), end = (mouse.point(view.panes, pane.view, *at).toTuple() for at in ((30, 10), (30, 50)))
        strip = QRect(x - 2, y, 5, end[1] - y)  # a line may lie a pixel beside its place
        changed = [
            before.pixelColor(x, y) != after.pixelColor(x, y)
            for x in range(strip.left(), strip.right() + 1)
            for y in range(strip.top(), strip.bottom() + 1)
        ]
        assert sum(changed) > 0.9 * strip.height()
    assert ranges(view) == shown
    mouse.leave(view.panes)
    assert [pane.cursor_at() for pane in view.panes.panes] == [None, None]
    assert view.panes.grab().toImage() == before


def test_levels_ignore_uncovered_nan_and_hot_pixels(view: ObjectView) -> None:
    image = an_image()
    image.values[20, 10:14] = 1e5
    image.values[21, :] = np.nan
    view.action_reset_levels.trigger()
    view.set_image(image)
    low, high = levels(view)[0]
    assert 0.79 < low < 0.85
    assert 1.15 < high < 1.25


def test_levels_are_steady_during_a_run_and_follow_a_real_change(view: ObjectView) -> None:
    first = levels(view)
    view.set_image(an_image(1, scale=1.01))
    assert levels(view) == first
    view.set_image(an_image(1, scale=3.0))
    assert levels(view)[0][0] > 2


def test_lock_holds_and_reset_frees(view: ObjectView) -> None:
    first = levels(view)
    view.action_lock_levels.setChecked(True)
    view.set_image(an_image(1, scale=3.0))
    assert levels(view) == first
    view.action_reset_levels.trigger()
    assert not view.action_lock_levels.isChecked()
    assert levels(view)[0][0] > 2


def test_dragging_a_level_locks_it(view: ObjectView, mouse: Any) -> None:
    bar = view.panes.amplitude.bar
    low, high = bar.levels
    start, end = (mouse.point(view.panes, bar.view, 0.7, y) for y in (high, (low + high) / 2))
    mouse.drag(view.panes, start, end)
    assert view.action_lock_levels.isChecked()
    assert bar.levels[1] == pytest.approx((low + high) / 2, abs=0.02)
    dragged = levels(view)
    view.set_image(an_image(1, scale=3.0))
    assert levels(view) == dragged


def test_removing_the_global_phase_is_said_and_leaves_the_data_alone(view: ObjectView) -> None:
    image = an_image()
    before = image.values.copy()
    view.set_image(image)
    assert "one global phase removed" in view.line.note.text()
    assert np.median(view.panes.shown_phase(image.values[image.covered])) == pytest.approx(0, abs=0.02)
    view.action_remove_phase.setChecked(False)
    assert "as saved" in view.line.note.text()
    assert np.array_equal(view.panes.shown_phase(image.values), np.angle(image.values))
    assert np.array_equal(image.values, before)


def test_strided_preview_occupies_the_same_axes(view: ObjectView) -> None:
    full = an_image(pixel_size_m=(50e-9, 50e-9), origin_px=(-7.0, 9.0))
    view.set_image(full)
    whole = view.panes.amplitude.item.boundingRect()
    strided = ObjectImage(
        full.values[::4, ::4], full.covered[::4, ::4], full.origin_px, (200e-9, 200e-9), stride=4
    )
    view.set_image(strided)
    assert view.panes.amplitude.item.boundingRect() == whole


def test_maps_can_be_chosen_and_those_of_phases_are_cyclic(view: ObjectView, mouse: Any) -> None:
    point = mouse.point(view.panes, view.panes.phase.view, 40, 30)
    before = view.panes.grab().toImage().pixelColor(point)
    assert [group.checkedAction().text() for group in view.maps.groups] == ["grey", "twilight"]
    view.maps.groups[1].actions()[1].trigger()
    assert view.panes.grab().toImage().pixelColor(point) != before
    for action in view.maps.groups[1].actions():
        assert cmap.Colormap(action.data()).category == "cyclic"


def test_clear_forgets_everything(view: ObjectView) -> None:
    view.set_caption("polished")
    view.action_lock_levels.setChecked(True)
    view.clear()
    assert not view.action_lock_levels.isChecked()
    assert view.line.caption.text() == ""
    view.set_image(an_image(scale=5.0))
    assert levels(view)[0][0] > 3


def test_an_image_without_any_covered_pixel_is_shown_empty(view: ObjectView, qtbot: QtBot) -> None:
    view.set_image(ObjectImage(np.zeros((8, 8), np.complex64), np.zeros((8, 8), bool)))
    view.grab()


def test_uncovered_pixels_show_the_background(view: ObjectView, qtbot: QtBot, mouse: Any) -> None:
    covered = np.ones((60, 80), bool)
    covered[25:35, 35:45] = False
    view.set_image(ObjectImage(np.ones((60, 80), np.complex64), covered))
    picture = view.panes.grab().toImage()
    for pane in view.panes.panes:
        hole, solid = (mouse.point(view.panes, pane.view, x, 30) for x in (40, 20))
        assert picture.pixelColor(hole).name() == "#23272e"
        assert picture.pixelColor(solid).name() != "#23272e"


def test_a_long_caption_loses_its_beginning_not_its_figures(view: ObjectView, qtbot: QtBot) -> None:
    view.set_caption("a-scan-with-a-very-long-name-as-beamlines-give-them · polished, 5 steps · R1 0.168")
    qtbot.wait(1)
    shown = view.line.caption._elidedText()
    assert shown.startswith("…")
    assert shown.endswith("R1 0.168")
    assert "very-long-name" in view.line.caption.toolTip()
