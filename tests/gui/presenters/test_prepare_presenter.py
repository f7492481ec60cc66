"""Decisions about the preparation, without Qt."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from gui.fakes import N, make_raw, make_scan

from ptygui.core.events import OrientationFound
from ptygui.core.preparation import (
    Bin,
    DropPatterns,
    Lasso,
    MaskHot,
    MaskPainted,
    Preparation,
    Stroke,
    Window,
)
from ptygui.core.preprocess import frame_numbers
from ptygui.core.reading import PositionColumns, Reading
from ptygui.gui.overview import overview
from ptygui.gui.presenters.history import History
from ptygui.gui.presenters.orientation_presenter import OrientationPresenter, found_words
from ptygui.gui.presenters.overview_rows import figures
from ptygui.gui.presenters.positions_presenter import UNITS, PositionsPresenter
from ptygui.gui.presenters.prepare_presenter import PreparePresenter
from ptygui.gui.presenters.reading_rows import reading_rows
from ptygui.gui.presenters.scan_presenter import ScanPresenter
from ptygui.gui.presenters.step_entries import Offer

STROKE = Stroke(row=2, col=3, radius=1)


class Desk:
    """A scan presenter and a prepare presenter on a file that says nothing."""

    def __init__(self, runner, backend, raw=None, may_change=lambda: True) -> None:
        backend.raws["raw"] = raw or make_raw("raw")
        self.runner, self.backend = runner, backend
        self.card, self.view, self.told, self.complain, self.note = (Mock() for _ in range(5))
        self.scan = ScanPresenter(
            self.card, runner, backend, Mock(recent_scans=[]), self.told, self.complain, self.hear, self.note
        )
        self.prepare = PreparePresenter(
            self.view, runner, backend, self.scan, may_change, self.note, self.complain
        )
        self.scan.open(Path("/data/raw"))
        runner.work()

    def hear(self) -> None:
        self.prepare.told()

    def rows(self):
        return {row.field: row for row in self.view.show_reading.call_args.args[0]}

    def steps(self):
        return self.scan.latest.preparation.steps


@pytest.fixture
def desk(runner, backend) -> Desk:
    return Desk(runner, backend)


@pytest.mark.parametrize("first", ["the reading", "the change"])
def test_what_is_chosen_while_the_file_is_read_again_is_done_then(desk, first):
    """The runner drops what a newer call of the lane takes the place of; a change waits for a reading."""
    drop = Offer("", DropPatterns(indices=(2,)))
    for do in (desk.scan.reload, lambda: desk.prepare.add(drop))[:: 1 if first == "the reading" else -1]:
        do()
        desk.runner.waiting = desk.runner.waiting[-1:]
    desk.runner.work()
    assert desk.steps() == (drop.draft,) == desk.prepare.preparation.steps
    assert len(desk.scan.scan) == 11


def test_what_was_found_is_said_with_why_and_can_be_overruled_and_followed_again(desk):
    row = desk.rows()["zero_frequency"]
    assert (row.text, row.origin) == ("corner", "found")
    assert row.why
    before = desk.scan.scan
    desk.prepare.overrule("zero_frequency", "centre")
    assert desk.scan.scan is before  # which stays until the new one is there
    desk.runner.work()
    row = desk.rows()["zero_frequency"]
    assert (row.text, row.origin, row.overruled) == ("centre", "you", True)
    assert desk.told.call_args.args[0] is desk.scan.scan is not before
    desk.prepare.follow_file("zero_frequency")
    desk.runner.work()
    assert desk.rows()["zero_frequency"].origin == "found"
    assert desk.scan.latest.preparation == Preparation()


def test_a_painted_mask_turns_with_the_frames_and_one_undo_takes_both_back(desk):
    desk.prepare.paint((Stroke(row=2, col=5, radius=0),))
    desk.runner.work()
    side = desk.scan.scan.pattern_shape[0]
    desk.prepare.take_orientation(frames=2, positions=0)
    desk.runner.work()
    (step,) = desk.scan.scan.metadata.preparation.steps
    assert step.strokes == (Stroke(row=2 * (side // 2) - 2, col=5, radius=0),)
    desk.prepare.undo()
    desk.runner.work()
    assert desk.scan.scan.metadata.preparation.steps[0].strokes == (Stroke(row=2, col=5, radius=0),)
    assert desk.scan.scan.metadata.preparation.reading.frames_orientation is None


def test_what_makes_no_sense_changes_nothing(desk):
    desk.prepare.overrule("energy_ev", "a lot")
    assert "Energy must be a number" in desk.view.show_reading_problem.call_args.args[0]
    assert desk.runner.waiting == []


def test_steps_are_added_switched_moved_removed_undone_and_redone(desk):
    desk.prepare.add(Offer("", MaskHot()))
    desk.prepare.add(Offer("", Bin()))  # before the first one is answered
    desk.runner.work()
    assert desk.steps() == (MaskHot(), Bin())
    assert desk.scan.scan.pattern_shape == (N // 2, N // 2)
    desk.prepare.switch(1, False)
    desk.prepare.move(1, -1)
    desk.runner.work()
    assert desk.steps() == (Bin(on=False), MaskHot())
    assert desk.scan.scan.pattern_shape == (N, N)
    desk.prepare.remove(0)
    desk.runner.work()
    assert desk.steps() == (MaskHot(),)
    for _ in range(5):
        desk.prepare.undo()
    desk.runner.work()
    assert desk.steps() == ()
    assert desk.view.show_history.call_args.args == (False, True)
    desk.prepare.redo()
    desk.runner.work()
    assert desk.steps() == (MaskHot(),)


def test_a_step_that_cannot_be_leaves_the_scan_and_the_list_as_they_were(desk):
    desk.prepare.add(Offer("", Bin()))
    desk.runner.work()
    desk.prepare.add(Offer("", Bin(factor=3)))
    desk.runner.work()
    assert "Step 2" in str(desk.complain.call_args.args[0])
    assert desk.steps() == desk.prepare.preparation.steps == (Bin(),)
    assert len(desk.view.show_steps.call_args.args[0]) == 1
    desk.prepare.undo()
    desk.runner.work()
    assert desk.steps() == ()


def test_a_step_that_must_be_told_something_asks_until_it_makes_sense(desk):
    desk.prepare.add(Offer("", DropPatterns(), asks=True))
    form = desk.view.ask.call_args.args[0]
    assert form.title == "Leave out patterns"
    assert "e.g. 3, 7" in form.accept({"indices": "none"})
    assert form.accept({"indices": "0-2"}) == ""
    desk.runner.work()
    assert len(desk.scan.scan) == 9
    desk.prepare.edit(0)
    assert desk.view.ask.call_args.args[0].accept({"indices": "0"}) == ""
    desk.runner.work()
    assert len(desk.scan.scan) == 11


def test_strokes_go_to_the_painted_mask_at_the_end(desk):
    desk.prepare.paint((STROKE,))
    desk.prepare.paint((Stroke(row=2, col=3, radius=0, bad=False),))
    desk.runner.work()
    (step,) = desk.steps()
    assert len(step.strokes) == 2
    assert desk.scan.scan.bad_pixels.sum() == 4
    desk.prepare.add(Offer("", MaskHot()))
    desk.prepare.paint((STROKE,))
    assert [type(step) for step in desk.prepare.preparation.steps] == [MaskPainted, MaskHot, MaskPainted]
    desk.prepare.select(0)
    desk.prepare.paint((STROKE,))
    assert len(desk.prepare.preparation.steps[0].strokes) == 3


def test_a_crop_is_dragged_on_the_pattern_before_it(desk):
    desk.prepare.set_front(True)
    desk.prepare.want_crop(True)
    desk.runner.work()
    desk.prepare.crop((8, 9), (8, 8))
    desk.runner.work()
    assert desk.steps() == (Window(size_px=(8, 8), centre_px=(8, 9)),)
    assert desk.scan.scan.pattern_shape == (8, 8)
    shown, frame, _ = desk.view.show_overview.call_args.args
    assert shown.mean.shape == (N, N)
    assert (frame.centre, frame.size) == ((8, 9), (8, 8))
    desk.prepare.want_crop(False)
    desk.runner.work()
    shown, frame, _ = desk.view.show_overview.call_args.args
    assert shown.mean.shape == (8, 8)
    assert frame is None


def test_the_lasso_drops_and_the_map_still_knows_them(desk):
    desk.prepare.set_front(True)
    box = [(-1, -1), (-1, 5), (5, 5), (5, -1)]
    desk.prepare.lasso(box, False)
    desk.runner.work()
    shown = desk.view.show_overview.call_args.args[0]
    assert np.flatnonzero(~shown.kept).tolist() == [0, 1, 4, 5]
    assert len(shown.positions_px) == 12
    assert isinstance(desk.steps()[0], Lasso)


def test_a_lasso_is_in_metres_where_the_scan_is(runner, backend):
    stated = Reading(position_unit="um", pixel_size_m=(20e-9, 20e-9), zero_frequency="centre")
    desk = Desk(runner, backend, make_raw("raw", stated=stated))
    desk.prepare.lasso([(-50, -50), (-50, 250), (250, 250), (250, -50)], True)
    runner.work()
    assert len(desk.scan.scan) == 4
    assert desk.steps()[0].polygon[2] == pytest.approx((5e-6, 5e-6))


def test_a_lasso_chooses_the_same_patterns_when_the_crop_before_it_is_removed(desk):
    desk.prepare.add(Offer("", Window(size_px=(N, N))))
    desk.prepare.crop((N // 2, N // 2), (N // 2, N // 2))
    desk.runner.work()
    corners = desk.scan.scan.positions_px[[0, 1, 5, 4]]
    around = corners + (corners - corners.mean(axis=0)) * 0.2
    desk.prepare.lasso(around.tolist(), True)
    desk.runner.work()
    assert frame_numbers(desk.scan.scan.patterns).tolist() == [0, 1, 4, 5]
    desk.prepare.remove(0)
    desk.runner.work()
    assert desk.scan.scan.pattern_shape == (N, N)
    assert frame_numbers(desk.scan.scan.patterns).tolist() == [0, 1, 4, 5]


def test_nothing_is_computed_while_nobody_looks(desk):
    desk.view.show_overview.assert_not_called()
    desk.prepare.set_front(True)
    desk.runner.work()
    desk.view.show_overview.assert_called_once()
    desk.prepare.set_front(True)
    assert desk.runner.waiting == []


def test_nothing_changes_during_a_run(runner, backend):
    desk = Desk(runner, backend, may_change=lambda: False)
    desk.prepare.add(Offer("", MaskHot()))
    assert runner.waiting == []
    assert desk.prepare.preparation == Preparation()


def test_what_lacks_is_asked_for_and_told_step_by_step(runner, backend):
    desk = Desk(runner, backend, make_raw("raw", stated=Reading(position_unit="um")))
    assert desk.scan.scan is None
    lack = desk.card.show_lack.call_args.args[1]
    assert [row.field for row in lack.rows] == [
        "energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m",
    ]  # fmt: skip
    desk.prepare.overrule("energy_ev", "8.8")
    runner.work()
    lack = desk.card.show_lack.call_args.args[1]
    assert [row.field for row in lack.rows] == ["distance_m", "detector_pixel_m", "pixel_size_m"]
    desk.prepare.overrule("distance_m", "2")
    desk.prepare.overrule("detector_pixel_m", "75")
    runner.work()
    assert desk.scan.scan.metadata.energy_ev == 8800
    assert not desk.scan.lacking
    assert desk.rows()["pixel_size_m"].origin == "computed"


def test_what_is_found_is_not_known_yet_while_something_lacks_and_what_is_asked_for_is_not_in_the_file(
    runner, backend
):
    desk = Desk(runner, backend, make_raw("raw", stated=Reading(position_unit="um")))
    rows = desk.rows()
    assert {rows[name].line for name in ("quantity", "zero_frequency")} == {"not known yet"}
    assert rows["energy_ev"].line == "not in the file"
    assert rows["position_unit"].line == "the file"
    desk.prepare.overrule("pixel_size_m", "20")
    runner.work()
    assert desk.rows()["zero_frequency"].origin == "found"
    far = make_raw("raw", positions=make_raw("raw").positions * 1e9)  # no unit makes sense of them
    desk = Desk(runner, backend, far)
    assert desk.scan.lacking
    assert desk.rows()["position_unit"].line == "not in the file"
    assert desk.rows()["quantity"].line == "not known yet"


def test_unequal_numbers_offer_the_first_of_both_and_one_can_think_better_of_it(runner, backend):
    desk = Desk(runner, backend)
    backend.raws["odd"] = make_raw("odd", positions=make_raw("x").positions[:10])
    desk.scan.open(Path("/data/odd"))
    runner.work()
    assert desk.card.show_lack.call_args.args[1].first_of_both == "Use the first 10 of both"
    assert desk.scan.lacking
    desk.scan.never_mind()
    assert desk.scan.latest.path == Path("/data/raw")
    assert not desk.scan.lacking
    desk.scan.open(Path("/data/odd"))
    runner.work()
    desk.prepare.overrule("mismatch", "first")
    runner.work()
    assert len(desk.scan.scan) == 10


def test_one_can_think_better_of_a_file_that_lacks_something(runner, backend):
    desk = Desk(runner, backend, make_raw("raw", positions=None))
    assert desk.card.show_lack.call_args.args[1].positions_file
    desk.view.show_scan.assert_called_with(True)
    desk.scan.never_mind()
    desk.view.show_scan.assert_called_with(False)
    desk.card.show_no_scan.assert_called()


def test_a_file_that_grew_is_read_again_and_prepared_as_before(desk):
    desk.prepare.add(Offer("", Bin()))
    desk.runner.work()
    desk.backend.raws["raw"] = make_raw("raw", n=16)
    desk.scan.reload()
    desk.runner.work()
    assert "4 patterns came, 16 in all" in desk.note.call_args.args[0]
    assert desk.scan.scan.patterns.shape == (16, N // 2, N // 2)
    desk.prepare.undo()
    desk.runner.work()
    assert desk.scan.scan.pattern_shape == (N, N)


def test_a_change_does_not_take_the_place_of_a_file_that_is_being_opened(desk):
    desk.scan.open(Path("/data/star.npz"))
    desk.prepare.add(Offer("", Bin()))
    desk.runner.work()
    assert desk.scan.scan.metadata.name == "star"
    assert desk.prepare.preparation == Preparation()


def test_a_preparation_is_saved_and_loaded(desk, tmp_path):
    desk.prepare.add(Offer("", MaskHot()))
    desk.prepare.overrule("quantity", "amplitude")
    desk.prepare.save(tmp_path / "mine.toml")
    desk.runner.work()
    saved = desk.prepare.preparation
    desk.prepare.undo()
    desk.prepare.undo()
    desk.prepare.load(tmp_path / "mine.toml")
    desk.runner.work()
    assert desk.scan.latest.preparation == saved


def test_figures_point_at_what_deserves_a_look():
    raw = make_raw(
        "raw",
        stated=Reading(
            quantity="intensity", zero_frequency="centre", position_unit="px", energy_ev=8800, distance_m=2.0,
            detector_pixel_m=(75e-6, 75e-6), pixel_size_m=(1e-7, 1e-7),
        ),
    )  # fmt: skip
    from ptygui.io.registry import prepare

    preparation = Preparation(steps=(DropPatterns(indices=(1,)),))
    rows = figures(overview(raw, preparation, prepare(raw, preparation), 1))
    words = {name: (value, alarming) for name, value, _, alarming in rows}
    assert words["patterns"] == ("11 of 12", False)
    assert words["pixel sizes"][1]
    assert "saturated?" not in words


def test_the_row_of_a_doubtful_guess_is_marked():
    raw = make_raw("raw")
    from ptygui.io.registry import prepare

    rows = {row.field: row for row in reading_rows(raw, Reading(), prepare(raw, Preparation()))}
    assert rows["frames_orientation"].origin == "assumed"
    assert "centre_px" not in rows


def test_history_falls_back_to_what_holds():
    history = History(0)
    for value in (1, 2, 3):
        history.do(value)
    history.fall_back(1)
    assert (history.present, history.undo(), history.can_undo) == (1, 0, False)


def found(confidence: float, changes: bool = True) -> OrientationFound:
    return OrientationFound(2, 4, changes, confidence, 0.1, ())


@pytest.mark.parametrize(("confidence", "taken"), [(0.9, True), (0.3, False)])
def test_an_orientation_is_taken_over_where_it_is_sure(runner, backend, confidence, taken):
    view, take = Mock(), Mock()
    presenter = OrientationPresenter(view, runner, backend, take, Mock())
    presenter.find(make_scan())
    _, _, listener = runner.jobs[0]
    listener.on_event(found(confidence))
    listener.on_end(None, False)
    assert take.called is taken
    words, running = view.show_orientation.call_args.args
    assert ("180°" in words) is taken
    assert not running
    presenter.scan_changed()  # because of what was found
    assert (view.show_orientation.call_args.args[0] == words) is taken


def test_a_search_is_ended_by_a_second_click_and_then_says_nothing(runner, backend):
    view, take = Mock(), Mock()
    presenter = OrientationPresenter(view, runner, backend, take, Mock())
    presenter.find(make_scan())
    presenter.find(make_scan())
    assert len(runner.jobs) == 1
    runner.handle.cancel.assert_called_once()
    runner.jobs[0][2].on_event(found(0.9))
    take.assert_not_called()


def test_what_is_right_already_is_said_to_be():
    assert "right way round" in found_words(found(0.9, changes=False))


def test_positions_of_a_file_are_looked_at_before_they_are_used(runner, backend, tmp_path):
    path = tmp_path / "positions.csv"
    path.write_text("n,samx (um),samy (um)\n" + "".join(f"{i},{i % 4},{i // 4 * 2}\n" for i in range(12)))
    view, accept = Mock(), Mock()
    presenter = PositionsPresenter(view, runner, backend, path, 10, accept)
    runner.work()
    view.show_choice.assert_called_with(1, 2, [unit for unit, _ in UNITS].index("um"))
    assert np.ptp(view.show_path.call_args.args[0], axis=0).tolist() == [4, 3]
    assert view.show_problem.call_args.args == ("12 positions for 10 patterns.", "warning")
    presenter.swap()
    assert np.ptp(view.show_path.call_args.args[0], axis=0).tolist() == [3, 4]
    presenter.choose(2, 1, 2)
    presenter.use()
    columns, unit = accept.call_args.args
    assert (columns.path, columns.x, columns.y, unit) == (str(path), 2, 1, "mm")
    presenter.choose(1, 2, [unit for unit, _ in UNITS].index("um"))
    presenter.use()
    assert accept.call_args.args[1] is None  # the file says so itself


def test_where_positions_come_from_is_said_and_can_be_taken_back(desk, tmp_path):
    row = desk.rows()["positions_file"]
    assert (row.text, row.line, row.overruled) == ("the scan itself", "the file", False)
    path = tmp_path / "positions.csv"
    path.write_text("x (px),y (px)\n" + "".join(f"{i % 4 * 3},{i // 4 * 3}\n" for i in range(12)))
    desk.prepare.take_positions(PositionColumns(path=str(path), x=0, y=1), None)
    desk.runner.work()
    row = desk.rows()["positions_file"]
    assert (row.text, row.line, row.why, row.overruled) == ("positions.csv", "you", str(path), True)
    unit = desk.rows()["position_unit"]
    assert (unit.text, unit.line) == ("px", "the file")  # the one with the positions
    desk.prepare.take_positions(PositionColumns(path=str(path), x=0, y=1), "px")
    desk.runner.work()
    assert desk.rows()["position_unit"].overruled
    desk.prepare.follow_file("positions_file")
    desk.runner.work()
    assert desk.scan.latest.preparation.reading == Reading()
    assert desk.rows()["positions_file"].text == "the scan itself"


def test_too_few_positions_in_a_file_of_their_own_are_settled_or_replaced(runner, backend, tmp_path):
    desk = Desk(runner, backend, make_raw("raw", positions=None))
    path = tmp_path / "positions.csv"
    path.write_text("x (px),y (px)\n" + "".join(f"{i % 4 * 3},{i // 4 * 3}\n" for i in range(10)))
    desk.prepare.take_positions(PositionColumns(path=str(path)), None)
    runner.work()
    lack = desk.card.show_lack.call_args.args[1]
    assert "12 patterns but 10 probe positions" in lack.sentence
    assert (lack.first_of_both, lack.positions_file) == ("Use the first of both", True)
    assert not lack.rows
    desk.prepare.overrule("mismatch", "first")
    runner.work()
    assert len(desk.scan.scan) == 10
    assert desk.rows()["mismatch"].overruled
    desk.prepare.take_positions(PositionColumns(path=str(path)), None)
    runner.work()
    assert desk.scan.lacking  # another file is another question


def test_a_file_without_positions_is_said_in_the_dialog(runner, backend, tmp_path):
    view = Mock()
    PositionsPresenter(view, runner, backend, tmp_path / "gone.csv", 10, Mock())
    runner.work()
    assert "There is no file" in view.show_problem.call_args.args[0]
    view.allow_use.assert_called_with(False)
