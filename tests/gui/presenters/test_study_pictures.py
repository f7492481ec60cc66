"""The pictures of the arms of a study: which are read, when, and what is told of them."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from ptygui.core.errors import PtyguiError
from ptygui.core.scan import ObjectImage
from ptygui.gui.presenters.study_pictures import Arm, StudyPictures, arms_of, shared_levels, thumbnail
from ptygui.gui.presenters.training_overlay import Overlay
from ptygui.gui.presenters.training_screen import Thumbnail

OLD, NEW = Path("/studies/s/old-s0"), Path("/studies/s/new-s0")


def arm(run: Path, step: int | None, *, chosen: bool = False) -> Arm:
    file = None if step is None else run / f"step-{step:06d}.npz"
    return Arm(run, run.name, "R1 0.05", 0, chosen, file)


def picture(shade: float = 1.0) -> ObjectImage:
    return ObjectImage(np.full((20, 24), shade, np.complex64), np.ones((20, 24), bool))


class Strip:
    def __init__(self, runner) -> None:
        self.runner, self.read, self.show = runner, Mock(side_effect=lambda _: picture()), Mock()
        self.pictures = StudyPictures(runner, self.read, self.show)

    def offer(self, *arms: Arm) -> None:
        self.pictures.offer(arms)
        self.runner.work()

    def files(self) -> list[str]:
        return [str(call.args[0].relative_to("/studies/s")) for call in self.read.call_args_list]

    def shown(self) -> list[bool]:
        return [one.thumbnail is not None for one in self.show.call_args.args[0]]


@pytest.fixture
def strip(runner) -> Strip:
    return Strip(runner)


def test_without_a_study_nothing_is_read_or_told(strip):
    strip.offer()
    strip.read.assert_not_called()
    strip.show.assert_not_called()


def test_arms_are_named_at_once_and_their_pictures_follow(strip):
    strip.pictures.offer([arm(OLD, 10), arm(NEW, None)])
    assert strip.shown() == [False, False]
    strip.read.assert_not_called()
    strip.runner.work()
    assert strip.shown() == [True, False]


def test_only_new_files_are_read_and_only_changes_told(strip):
    strip.offer(arm(OLD, 10), arm(NEW, 10))
    told = strip.show.call_count
    strip.offer(arm(OLD, 10), arm(NEW, 10))
    assert strip.show.call_count == told
    strip.offer(arm(OLD, 10), arm(NEW, 20))
    assert strip.files() == ["old-s0/step-000010.npz", "new-s0/step-000010.npz", "new-s0/step-000020.npz"]
    strip.offer(arm(OLD, 10, chosen=True), arm(NEW, 20))
    assert len(strip.files()) == 3
    assert [one.chosen for one in strip.show.call_args.args[0]] == [True, False]


def test_pictures_that_come_quickly_are_not_asked_for_while_one_is_read(strip):
    for step in (10, 20, 30):
        strip.pictures.offer([arm(OLD, step)])
    strip.runner.work()
    strip.offer(arm(OLD, 30))
    assert strip.files() == ["old-s0/step-000010.npz", "old-s0/step-000030.npz"]


def test_what_comes_late_for_another_study_is_not_shown(strip):
    strip.pictures.offer([arm(OLD, 10)])
    strip.pictures.offer([])
    strip.runner.work()
    assert strip.show.call_args.args[0] == []
    strip.offer(arm(NEW, 10))
    assert strip.shown() == [True]


def test_a_picture_that_vanished_hides_no_other_and_is_looked_for_again(strip):
    gone = PtyguiError("gone")
    strip.read.side_effect = lambda path: (_ for _ in ()).throw(gone) if "old" in str(path) else picture()
    strip.offer(arm(OLD, 10), arm(NEW, 10))
    assert strip.shown() == [False, True]
    strip.read.side_effect = lambda _: picture()
    strip.offer(arm(OLD, 10), arm(NEW, 10))
    assert strip.shown() == [True, True]


def test_a_breakdown_while_reading_ends_nothing(strip):
    strip.read.side_effect = MemoryError
    strip.offer(arm(OLD, 10))
    strip.read.side_effect = lambda _: picture()
    strip.offer(arm(OLD, 10))
    assert strip.shown() == [True]


def test_a_thumbnail_is_what_is_covered_without_a_global_phase():
    values = np.full((600, 700), 2 * np.exp(1j), np.complex64)
    values[300, 300] = np.nan
    covered = np.zeros((600, 700), bool)
    covered[20:580, 100:660] = True
    covered[100:105, 100:160] = False
    small = thumbnail(ObjectImage(values, covered))
    assert small.amplitude.shape == small.phase.shape == (187, 187)
    assert np.nanmax(np.abs(small.phase)) < 1e-5
    assert np.nanmin(small.amplitude) == pytest.approx(2)
    assert 0 < np.isnan(small.amplitude).sum() < 100


@pytest.mark.parametrize("covered", [False, True])
def test_a_picture_of_nothing_has_levels_all_the_same(covered):
    values = np.full((8, 8), np.nan, np.complex64)
    small = thumbnail(ObjectImage(values, np.full((8, 8), covered)))
    assert np.isnan(small.amplitude).all()
    assert np.isfinite(shared_levels([small])).all()


def test_all_arms_share_the_levels_and_one_that_ran_away_does_not_count():
    def spans(low: float, high: float, half: float) -> Thumbnail:
        nothing = np.zeros((2, 2), np.float32)
        return Thumbnail(nothing, nothing, (low, high), (-half, half))

    usual = [spans(0.2, 1.0, 0.5), spans(0.4, 1.5, 1.0)]
    assert shared_levels(usual) == ((0.2, 1.5), (-1.0, 1.0))
    assert shared_levels([*usual, spans(0.0, 1e6, 0.1)])[0] == (0.2, 1.5)
    assert np.isfinite(shared_levels([])).all()


def test_arms_are_the_drawn_runs_of_the_study_in_their_order():
    overlay = Overlay()
    named = {"new-s0": "new, seed 0", "old-s0": "old, seed 0", "old-s1": "old, seed 1"}
    runs = {}
    for folder, name in named.items():
        path = Path("/studies/s") / folder
        runs[path] = Mock(path=path, study="s", best=None)
        runs[path].name = name
    other = Path("/runs/alone")
    runs[other] = Mock(path=other, study="")
    for path in (other, *runs):
        overlay.add(path)
    curves = {NEW: Mock(previews=(NEW / "step-000010.npz", NEW / "step-000020.npz"))}
    found = arms_of("s", runs, curves, overlay, NEW)
    assert [one.name for one in found] == ["new", "old, seed 0", "old, seed 1"]
    assert [one.chosen for one in found] == [True, False, False]
    assert [one.file for one in found] == [NEW / "step-000020.npz", None, None]
    assert len({one.color for one in found} | {overlay.color(other)}) == 4
    assert arms_of("", runs, curves, overlay, other) == []
