"""What the Training tab is told, with runs made of plain values and a runner that works when a test likes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from gui.fake_training import picture

from ptygui.core.errors import PtyguiError
from ptygui.gui.presenters.training_presenter import SLOW_TICKS, TABLE_TICKS, TrainingPresenter
from ptygui.gui.presenters.training_screen import RunActions
from ptygui.gui.widgets import numbers
from ptygui.jobs.training_runs import RunCurves, RunSummary, WatchUpdate
from ptygui.runs.history import Series
from ptygui.runs.layout import HealthEvent

A, B = Path("/runs/a"), Path("/runs/b")
DEAD = HealthEvent(
    step=300, wall_s=9.0, ailment="dead", evidence={}, sentence="Block 2 is off.", action="Went back to 200."
)


def summary(path: Path, condition: str = "running", **values: object) -> RunSummary:
    known: dict[str, object] = {
        "progress": 0.34, "message": "Step 34", "log_tail": (), "started": datetime(2026, 1, 1, tzinfo=UTC),
        "age_s": 200.0, "best": 0.0461, "best_of": "canvas residual R1", "bundle": None, "scan": None,
    }  # fmt: skip
    return RunSummary(path=path, name=path.name, generator="cnn", condition=condition, **(known | values))


def curves(path: Path, points: int = 3, events: tuple[HealthEvent, ...] = ()) -> RunCurves:
    steps = np.arange(1, points + 1, dtype=float)
    previews = tuple(path / f"previews/step-{100 * step:06d}.npz" for step in range(1, points + 1))
    return RunCurves(path, path.name, {("train", "loss"): Series(steps, steps, 1 / steps)}, events, previews)


class Runs:
    """The backend: tells the runs that a test sets."""

    def __init__(self) -> None:
        self.runs: list[RunSummary] = []
        self.curves: dict[Path, RunCurves] = {}
        self.asked: list[tuple[Path, ...]] = []
        self.read_preview = Mock(side_effect=lambda path: picture(int(path.stem[-6:])))
        self.stop, self.resume, self.rename = Mock(), Mock(), Mock()
        self.watch, self.unwatch = Mock(), Mock()
        self.bin = Mock(return_value=Path("/runs/.bin/a"))
        self.read_table = Mock(return_value=[["arm", "R1"], ["old", "0.2"]])
        self.error: Exception | None = None

    def poll(self, followed: tuple[Path, ...]) -> WatchUpdate:
        self.asked.append(followed)
        if self.error is not None:
            raise self.error
        found = tuple(self.curves.get(path, curves(path)) for path in followed)
        return WatchUpdate(tuple(self.runs), found)


class Tab:
    """A presenter, its view and whoever it tells."""

    def __init__(self, runner) -> None:
        self.runner, self.backend, self.view = runner, Runs(), Mock()
        self.memory = Mock(training_folders=[])
        self.ended, self.used, self.said, self.complained = Mock(), Mock(), [], []
        self.presenter = TrainingPresenter(
            self.view, runner, self.backend, self.memory,
            self.ended, self.used, self.said.append, self.complained.append,
        )  # fmt: skip

    def look(self, *runs: RunSummary) -> None:
        """Let a poll find these runs."""
        self.backend.runs = list(runs)
        for _ in range(SLOW_TICKS):
            self.presenter.tick()
        self.runner.work()

    def rows(self):
        return self.view.show_runs.call_args.args[0]

    def colors(self) -> dict[Path, int | None]:
        return {row.key: row.color for row in self.rows()}

    def state(self) -> tuple[str, str]:
        return self.view.show_state.call_args.args

    def actions(self) -> RunActions:
        return self.view.show_actions.call_args.args[0]

    def drawn(self) -> dict[Path, bool]:
        return {run.key: run.hidden for run in self.view.show_curves.call_args.args[0]}


@pytest.fixture
def tab(runner) -> Tab:
    made = Tab(runner)
    made.presenter.set_front(True)
    runner.work()
    return made


def test_without_runs_nothing_is_said_of_one(tab):
    assert tab.rows() == []
    assert tab.state()[0] == ""
    assert tab.actions() == RunActions()


def test_a_run_is_a_row_and_the_newest_is_chosen_and_drawn(tab):
    tab.look(summary(A), summary(B, "done", progress=1.0))
    first, second = tab.rows()
    assert (first.name, first.state, first.level) == ("a", f"running, 34{numbers.SPACE}%", "running")
    assert (first.age, first.best) == ("3 min", "R1 0.0461")
    assert (second.state, second.level) == ("done", "ok")
    assert tab.view.show_runs.call_args.args[1] == A
    assert tab.drawn() == {A: False}
    assert tab.colors() == {A: 0, B: None}
    assert tab.state() == ("Step 34", "running")


def test_a_look_comes_only_when_the_last_one_has_answered(tab):
    tab.look(summary(A))
    asked = len(tab.backend.asked)
    tab.presenter.tick()
    tab.presenter.tick()
    assert len(tab.runner.waiting) == 1
    tab.runner.work()
    assert len(tab.backend.asked) == asked + 1


def test_looks_are_rare_while_nobody_watches_and_nothing_is_alive(tab):
    tab.presenter.set_front(False)
    tab.look(summary(A, "done"))
    asked = len(tab.backend.asked)
    for _ in range(SLOW_TICKS):
        tab.presenter.tick()
        tab.runner.work()
    assert len(tab.backend.asked) == asked + 1
    tab.look(summary(A, "running"))
    asked = len(tab.backend.asked)
    for _ in range(3):
        tab.presenter.tick()
        tab.runner.work()
    assert len(tab.backend.asked) == asked + 3


def test_the_view_is_told_changes_only(tab):
    tab.look(summary(A))
    tab.view.reset_mock()
    tab.look(summary(A))
    assert tab.view.mock_calls == []
    tab.backend.curves[A] = curves(A, points=4)
    tab.look(summary(A))
    tab.view.show_curves.assert_called_once()
    tab.view.show_runs.assert_not_called()


def test_nothing_is_drawn_while_nobody_looks(tab):
    tab.presenter.set_front(False)
    tab.view.show_curves.reset_mock()
    tab.look(summary(A))
    tab.view.show_curves.assert_not_called()
    tab.presenter.set_front(True)
    assert tab.drawn() == {A: False}


def test_an_overlaid_run_keeps_its_colour(tab):
    tab.look(summary(A), summary(B))
    tab.presenter.overlay(A, True)
    tab.presenter.choose(B)
    tab.runner.work()
    assert tab.colors() == {A: 0, B: 1}
    tab.presenter.overlay(A, False)
    tab.runner.work()
    assert tab.colors() == {A: None, B: 1}
    assert list(tab.drawn()) == [B]
    tab.presenter.hide(B, True)
    assert tab.drawn() == {B: True}


def test_choosing_alone_compares_nothing(tab):
    tab.look(summary(A), summary(B))
    tab.presenter.choose(B)
    tab.runner.work()
    assert list(tab.drawn()) == [B]


def test_more_runs_than_can_be_told_apart_are_refused_in_words(tab):
    paths = [Path(f"/runs/{n}") for n in range(9)]
    tab.look(*(summary(path) for path in paths))
    for path in paths:
        tab.presenter.overlay(path, True)
    tab.runner.work()
    assert len(tab.drawn()) == 8
    assert "8 runs are drawn already" in tab.state()[0]


@pytest.mark.parametrize(
    ("run", "can"),
    [
        (summary(A, "running", bundle=A / "bundle.safetensors"), {"stop", "use", "rename", "open_folder"}),
        (summary(A, "stopping"), {"rename", "open_folder"}),
        (summary(A, "lost"), {"resume", "rename", "bin", "open_folder"}),
        (summary(A, "failed"), {"resume", "rename", "bin", "open_folder"}),
        (summary(A, "done", bundle=A / "bundle.safetensors"), {"use", "rename", "bin", "open_folder"}),
        (summary(A, "watched", own=False), {"open_folder"}),
        (summary(A, "gone"), set()),
    ],
)
def test_what_can_be_done_follows_from_how_a_run_stands(tab, run, can):
    tab.look(run)
    assert {name for name in RunActions.__annotations__ if getattr(tab.actions(), name)} == can


def test_why_a_run_died_is_said(tab):
    tab.backend.curves[A] = curves(A, events=(DEAD,))
    tab.look(summary(A))
    assert tab.state() == ("Step 300: Block 2 is off. Went back to 200.", "warning")
    tab.look(summary(A, "failed", message="It died."))
    assert tab.state() == ("It died.\nStep 300: Block 2 is off. Went back to 200.", "problem")
    tab.backend.curves[A] = curves(A)
    tab.look(summary(A, "failed", message="Loss is not finite.", log_tail=("12:00 one", "12:01 two")))
    assert tab.state() == ("Loss is not finite.\n12:00 one\n12:01 two", "problem")
    tab.look(summary(A, "lost", message=""))
    assert "Resume goes on from its last checkpoint" in tab.state()[0]


def test_the_newest_picture_is_followed_unless_another_one_is_wanted(tab):
    tab.look(summary(A))
    assert tab.view.show_previews.call_args.args == ([100, 200, 300], 2, True)
    assert tab.view.show_preview.call_args.args[1] == "a · step 300"
    tab.presenter.show_preview(0)
    tab.runner.work()
    assert tab.view.show_preview.call_args.args[1] == "a · step 100"
    tab.backend.curves[A] = curves(A, points=4)
    tab.look(summary(A))
    assert tab.view.show_previews.call_args.args == ([100, 200, 300, 400], 0, False)
    assert tab.view.show_preview.call_args.args[1] == "a · step 100"
    tab.presenter.show_preview(3)
    tab.runner.work()
    assert tab.view.show_previews.call_args.args[2] is True
    assert tab.view.show_preview.call_args.args[1] == "a · step 400"


def test_a_picture_that_vanished_is_looked_for_again(tab):
    tab.backend.read_preview.side_effect = PtyguiError("gone")
    tab.look(summary(A))
    assert tab.complained == []
    tab.backend.read_preview.side_effect = lambda path: picture(1)
    tab.look(summary(A))
    assert tab.view.show_preview.call_args.args[1] == "a · step 300"


def test_a_run_that_ends_is_told_once(tab):
    tab.look(summary(B, "done"))
    assert not tab.ended.called
    tab.presenter.follow_new(A)
    tab.look(summary(A), summary(B, "done"))
    assert tab.view.show_runs.call_args.args[1] == A
    done = summary(A, "done", bundle=A / "bundle.safetensors")
    tab.look(done, summary(B, "done"))
    tab.look(done, summary(B, "done"))
    tab.ended.assert_called_once_with(done, True)
    assert tab.said == ["Training a: done; canvas residual R1 0.0461."]


def test_a_run_of_someone_else_that_ends_is_not_mine(tab):
    tab.look(summary(A))
    tab.look(summary(A, "failed"))
    assert tab.ended.call_args.args[1] is False


def test_use_takes_the_best_so_far(tab):
    tab.look(summary(A))
    tab.presenter.use()
    assert not tab.used.called
    tab.look(summary(A, bundle=A / "bundle.safetensors"))
    tab.presenter.use()
    tab.used.assert_called_once_with(A / "bundle.safetensors")


def test_what_is_done_is_done_with_the_chosen_run(tab):
    tab.look(summary(A))
    tab.presenter.stop()
    tab.presenter.rename(A, " better ")
    tab.presenter.rename(A, "a")
    tab.presenter.resume()
    tab.runner.work()
    tab.backend.stop.assert_called_once_with(A)
    tab.backend.rename.assert_called_once_with(A, "better")
    tab.backend.resume.assert_called_once_with(A)


def test_a_refusal_is_said(tab):
    tab.look(summary(A))
    tab.backend.stop.side_effect = PtyguiError("It may not be written.")
    tab.presenter.stop()
    tab.runner.work()
    assert [str(error) for error in tab.complained] == ["It may not be written."]


def test_the_bin_says_where_it_lies(tab):
    tab.look(summary(A, "done"), summary(B, "done"))
    tab.presenter.bin()
    tab.backend.runs = [summary(B, "done")]
    tab.runner.work()
    assert "/runs/.bin/a" in tab.state()[0]
    assert tab.view.show_runs.call_args.args[1] == B
    assert A not in tab.backend.asked[-1]


def test_a_study_is_drawn_by_its_arms_with_its_table(tab):
    runs = [
        summary(Path(f"/runs/studies/stress/{arm}-s{seed}"), "done", study="stress")
        for arm in ("old", "new")
        for seed in (1, 0)
    ]
    tab.look(summary(A), *runs)
    assert tab.view.show_table.call_args.args[2] == ()
    tab.presenter.choose(runs[0].path)
    tab.runner.work()
    assert {path.name for path in tab.drawn()} == {"old-s1", "old-s0", "new-s0"}
    tab.view.show_table.assert_called_with("stress", ["arm", "R1"], [["old", "0.2"]])
    tab.presenter.choose(A)
    tab.runner.work()
    assert list(tab.drawn()) == [A]
    assert tab.view.show_table.call_args.args[2] == ()


def test_folders_are_watched_and_remembered(tab):
    tab.presenter.watch(Path("/shared"))
    tab.backend.runs = [summary(A), summary(Path("/shared/x"), "watched", own=False)]
    tab.runner.work()
    assert tab.memory.training_folders == [Path("/shared")]
    assert tab.view.show_runs.call_args.args[1] == Path("/shared/x")
    tab.presenter.unwatch(Path("/shared"))
    tab.runner.work()
    assert tab.memory.training_folders == []
    tab.backend.unwatch.assert_called_once_with(Path("/shared"))


def test_a_folder_that_is_not_there_today_stays_remembered(runner):
    tab = Tab(runner)
    tab.memory.training_folders = [Path("/shared")]
    tab.backend.watch.side_effect = PtyguiError("It holds nothing.")
    tab.presenter.begin()
    runner.work()
    assert tab.memory.training_folders == [Path("/shared")]
    assert "/shared is not watched" in tab.said[0]
    assert tab.complained == []


def test_a_failing_look_complains_once(tab):
    tab.backend.error = ValueError("a bug")
    tab.look()
    tab.look()
    assert len(tab.complained) == 1


def test_a_run_that_vanishes_is_no_longer_drawn(tab):
    tab.look(summary(A), summary(B))
    tab.look(replace(summary(B)))
    assert list(tab.drawn()) == [B]


def test_the_table_of_a_study_is_read_again_and_never_shown_for_another_run(tab):
    run = summary(Path("/runs/studies/stress/old-s0"), study="stress")
    tab.look(run, summary(A))
    tab.backend.read_table.return_value = [["arm", "R1"], ["old", "0.1"]]
    for _ in range(TABLE_TICKS):
        tab.presenter.tick()
    tab.runner.work()
    tab.view.show_table.assert_called_with("stress", ["arm", "R1"], [["old", "0.1"]])
    for _ in range(TABLE_TICKS):
        tab.presenter.tick()
    tab.presenter.choose(A)
    tab.runner.work()
    assert tab.view.show_table.call_args.args[2] == ()


def test_what_ails_a_run_is_said_in_the_list(tab):
    tab.look(summary(A, "done", progress=1.0, ailment="dead"), summary(B, "failed", ailment="non-finite"))
    first, second = tab.rows()
    assert (first.state, first.level) == ("done, dead", "warning")
    assert (second.state, second.level) == ("failed, non-finite", "problem")


def test_a_name_that_was_typed_goes_to_the_run_it_was_typed_for(tab):
    tab.look(summary(A), summary(B))
    tab.presenter.choose(B)
    tab.presenter.rename(A, "better")
    tab.runner.work()
    tab.backend.rename.assert_called_once_with(A, "better")


def test_a_run_that_starts_says_what_it_does(tab):
    tab.look(summary(A, "starting", progress=None, message="Estimating the probe: epoch 7 of 20"))
    assert tab.state() == ("Estimating the probe: epoch 7 of 20", "running")
