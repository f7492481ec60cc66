"""Decisions about what is remembered for a kind of files, without Qt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from gui.fakes import N, make_raw
from gui.presenters.test_prepare_presenter import Desk

from ptygui.core.errors import PresetError
from ptygui.core.preparation import DropPatterns, MaskHot, Preparation, Stroke, SubtractDark
from ptygui.core.reading import Reading
from ptygui.core.remembered import Kind, Remembered
from ptygui.gui.presenters.remember_presenter import NOTHING, RememberPresenter, ToRemember
from ptygui.gui.presenters.step_entries import Offer
from ptygui.io.remembered import AllRemembered, Kept, list_remembered

KIND = Kind(format="memory", pattern_shape=(N, N))
FORMER = Remembered.of(Preparation(steps=(MaskHot(),)), "Former", Kind(format="CXI", pattern_shape=(8, 8)))
FORMER_FILE = Path("/config/Former.toml")
KNOWN = (Kept(FORMER, FORMER_FILE),)


@pytest.fixture
def desk(runner, backend) -> Desk:
    backend.raws["next"] = make_raw("next", stated=Reading(zero_frequency="corner", quantity="intensity"))
    return Desk(runner, backend)


def note(desk: Desk):
    return desk.view.show_remembered.call_args.args[0]


def remember(desk: Desk, name: str = "Mine") -> Mock:
    view = Mock()
    presenter = desk.prepare.remember_presenter(view)
    desk.runner.work()
    presenter.rename(name)
    presenter.remember()
    desk.runner.work()
    return view


def choose(desk: Desk) -> None:
    desk.prepare.overrule("frames_orientation", "2")
    desk.prepare.overrule("zero_frequency", "centre")
    desk.prepare.add(Offer("", MaskHot()))
    desk.prepare.add(Offer("", DropPatterns(indices=(0, 5))))
    desk.runner.work()


def open_next(desk: Desk, name: str = "next") -> None:
    desk.scan.open(Path(f"/data/{name}"))
    desk.runner.work()


def test_the_next_file_opens_so_and_each_row_says_where_it_is_from(desk):
    choose(desk)
    assert desk.rows()["frames_orientation"].origin == "you"
    view = remember(desk)
    view.leave.assert_called_once()
    assert desk.rows()["frames_orientation"].origin == "remembered"
    assert note(desk).sentence == "As remembered for “Mine”."
    assert "“Mine” is remembered for memory files" in desk.note.call_args.args[0]
    open_next(desk)
    assert desk.steps() == (MaskHot(),)
    row = desk.rows()["frames_orientation"]
    assert (row.text, row.line, row.doubtful, row.overruled) == ("2", "remembered", False, True)
    row = desk.rows()["zero_frequency"]
    assert (row.text, row.origin, row.line, row.doubtful) == ("centre", "remembered", "not as the file", True)
    assert row.why == "Remembered for “Mine”. The file says: in the corner."
    assert "1 found, 1 assumed, 2 remembered" in desk.view.show_reading.call_args.args[1]
    said = [call.args[0] for call in desk.note.call_args_list]
    assert "next is read and prepared as remembered for “Mine”." in said


def test_one_click_leaves_it_off_another_or_undo_brings_it_back(desk):
    choose(desk)
    remember(desk)
    open_next(desk)
    usual = desk.scan.latest.preparation
    desk.prepare.toggle_remembered()
    desk.runner.work()
    assert desk.scan.latest.preparation == Preparation()
    assert note(desk).sentence == "Not as remembered for “Mine”."
    assert desk.rows()["zero_frequency"].origin == "file"
    desk.prepare.undo()
    desk.runner.work()
    assert desk.scan.latest.preparation == usual
    desk.prepare.toggle_remembered()
    desk.prepare.toggle_remembered()
    desk.runner.work()
    assert desk.scan.latest.preparation == usual
    desk.prepare.overrule("zero_frequency", "corner")
    desk.runner.work()
    assert desk.rows()["zero_frequency"].origin == "you"
    assert note(desk).sentence == "As remembered for “Mine”, then changed."


def test_what_the_user_drew_besides_stays_where_it_was_drawn(desk):
    """The stored frames are as they were: the same detector pixel is bad, whichever way they are turned."""
    desk.prepare.overrule("frames_orientation", "2")  # upside down
    desk.runner.work()
    remember(desk)
    open_next(desk)
    desk.prepare.paint((Stroke(row=3, col=5, radius=0),))
    desk.runner.work()
    stored = desk.scan.scan.bad_pixels
    for turned in (False, True, False):
        desk.prepare.toggle_remembered()
        desk.runner.work()
        bad = desk.scan.scan.bad_pixels
        assert bad.sum() == stored.sum() == 1
        at = np.argwhere(bad)[0] - N // 2
        assert at.tolist() == ([3 - N // 2, 5 - N // 2] if turned else [N // 2 - 3, 5 - N // 2])


def test_who_lets_go_of_the_next_file_is_told_as_before(desk):
    choose(desk)
    remember(desk)
    open_next(desk)
    desk.prepare.switch(0, on=False)
    desk.runner.work()
    desk.scan.reload()
    desk.runner.work()
    desk.backend.raws["lacks"] = make_raw("lacks", positions=None)
    open_next(desk, "lacks")
    assert desk.scan.lacking
    desk.scan.never_mind()
    assert note(desk).sentence == "As remembered for “Mine”, then changed."


def test_a_file_that_somebody_said_how_to_prepare_is_not_touched(desk):
    choose(desk)
    remember(desk)
    desk.scan.open(Path("/data/next"), Preparation())
    desk.runner.work()
    assert desk.scan.latest.preparation == Preparation()
    assert note(desk).sentence == ""


def test_what_is_impossible_opens_as_the_file_says_and_the_tab_warns(desk):
    dark = SubtractDark(path="/nowhere/dark.npy")
    desk.backend.remembered.remember(Remembered.of(Preparation(steps=(dark,)), "Dark", KIND), False)
    open_next(desk)
    assert desk.scan.scan is not None
    assert desk.steps() == ()
    assert note(desk).level == "warning"
    assert "“Dark” is impossible here" in note(desk).sentence
    assert not note(desk).button
    desk.complain.assert_not_called()


def test_a_file_that_lacks_something_is_asked_for_it_and_stays_as_remembered(desk):
    choose(desk)
    remember(desk)
    desk.backend.raws["bare"] = make_raw("bare", stated=Reading(position_unit="um"))
    open_next(desk, "bare")
    assert desk.scan.lacking
    desk.prepare.overrule("pixel_size_m", "50")
    desk.runner.work()
    assert not desk.scan.lacking
    assert desk.rows()["frames_orientation"].origin == "remembered"
    assert desk.rows()["pixel_size_m"].origin == "you"


def test_another_kind_of_file_says_nothing(desk):
    choose(desk)
    remember(desk)
    desk.backend.raws["other"] = replace(make_raw("other"), origin="NanoMAX")
    open_next(desk, "other")
    assert note(desk).sentence == ""
    assert desk.steps() == ()


# The dialog.


class Dialog:
    """A presenter of the dialog on a backend that knows `Former`."""

    def __init__(self, runner, preparation: Preparation, kept=KNOWN) -> None:
        self.view, self.backend, self.on_kept, self.on_forgotten = Mock(), Mock(), Mock(), Mock()
        self.runner = runner
        self.backend.list_remembered.return_value = AllRemembered(kept, ("Something is wrong.",))
        what = ToRemember(KIND, preparation, "px")
        self.presenter = RememberPresenter(
            self.view, runner, self.backend, what, self.on_kept, self.on_forgotten
        )
        runner.work()

    def state(self) -> tuple[str, str]:
        return self.view.show_state.call_args.args

    def button(self) -> tuple[bool, str]:
        return self.view.allow_remember.call_args.args


ONE = Preparation(
    reading=Reading(quantity="amplitude", positions_orientation=3, energy_ev=8000),
    steps=(MaskHot(), DropPatterns(indices=(1,))),
)


def test_the_dialog_says_in_words_what_is_kept_what_not_and_for_which_files(runner):
    dialog = Dialog(runner, ONE)
    kind, kept, left = dialog.view.show_parts.call_args.args
    assert kind == f"memory files with patterns of {N} × {N} px"
    assert list(kept) == [
        "Values: amplitude",
        "Positions turned: x negated, y negated",
        "Energy: 8\u202fkeV",
        "Hot and dead pixels, beyond 8 σ",
    ]
    assert list(left) == ["Leave out 1 pattern: 1"]
    dialog.view.show_name.assert_called_once_with("memory")
    rows, faults = dialog.view.show_remembered.call_args.args
    assert list(rows) == ["Former: CXI files with patterns of 8 × 8 px"]
    assert faults == "Something is wrong."
    assert dialog.button() == (True, "Remember")


def test_where_nothing_is_chosen_that_others_share_nothing_can_be_remembered(runner):
    dialog = Dialog(runner, Preparation(steps=(DropPatterns(indices=(1,)),)))
    assert dialog.state() == ("info", NOTHING)
    assert dialog.button()[0] is False


def test_what_would_be_replaced_is_said_before(runner):
    dialog = Dialog(runner, ONE)
    dialog.presenter.rename(" Former ")
    assert dialog.button() == (True, "Replace")
    assert dialog.state()[0] == "warning"
    assert "“Former” for CXI files" in dialog.state()[1]
    dialog.presenter.remember()
    runner.work()
    remembered, overwrite = dialog.backend.remember.call_args.args
    assert (remembered.name, remembered.kind, overwrite) == ("Former", KIND, True)
    dialog.presenter.rename("  ")
    assert dialog.button()[0] is False
    dialog.presenter.rename("New")
    dialog.presenter.remember()
    runner.work()
    assert dialog.backend.remember.call_args.args[1] is False


def test_the_name_for_a_kind_stays_its_name(runner):
    mine = Remembered.of(ONE, "Mine", KIND)
    dialog = Dialog(runner, ONE, (Kept(mine, Path("/config/Mine.toml")),))
    dialog.view.show_name.assert_called_once_with("Mine")
    assert dialog.button() == (True, "Replace")


def test_what_cannot_be_kept_is_said_in_the_dialog(runner):
    dialog = Dialog(runner, ONE)
    dialog.backend.remember.side_effect = PresetError("The disk is full.")
    dialog.presenter.remember()
    runner.work()
    assert dialog.state() == ("error", "The disk is full.")
    dialog.view.leave.assert_not_called()
    dialog.on_kept.assert_not_called()


def test_one_of_the_list_is_forgotten(runner):
    dialog = Dialog(runner, ONE)
    dialog.backend.list_remembered.return_value = AllRemembered()
    dialog.presenter.forget(0)
    runner.work()
    dialog.backend.forget.assert_called_once_with(FORMER_FILE)
    dialog.on_forgotten.assert_called_once_with(FORMER)
    assert dialog.view.show_remembered.call_args.args == ([], "")


def test_a_dialog_that_is_gone_is_not_answered(runner):
    dialog = Dialog(runner, ONE)
    dialog.presenter.remember()
    dialog.presenter.close()
    runner.work()
    dialog.view.leave.assert_not_called()
    dialog.backend.remember.assert_called_once()


def test_what_is_forgotten_while_in_use_leaves_the_scan_as_it_is(desk):
    choose(desk)
    remember(desk)
    view = Mock()
    presenter = desk.prepare.remember_presenter(view)
    desk.runner.work()
    presenter.forget(0)
    desk.runner.work()
    assert list_remembered().kept == ()
    assert note(desk).sentence == ""
    assert desk.rows()["frames_orientation"].origin == "you"
    assert len(desk.steps()) == 2
