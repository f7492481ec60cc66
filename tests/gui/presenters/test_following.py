"""A scan that is still being measured: what is said of it, when it is read, when reconstructed anew."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from gui.fakes import FakeBackend, make_raw

from ptygui.core.errors import ScanError
from ptygui.core.preparation import DropPatterns, Preparation
from ptygui.gui.presenters.following import (
    LOOK_EVERY_S,
    LOOK_SHARE,
    PATIENCE_S,
    READ_EVERY_S,
    FollowingPresenter,
)
from ptygui.gui.presenters.run_job import Job, Outcome
from ptygui.gui.presenters.scan_presenter import ScanPresenter
from ptygui.gui.presenters.watched import SILENT_S, Watch, ago

PATH = Path("/data/raw.h5")


@dataclass
class Desk:
    """The scan and the one who follows it; a file that a test writes to, and a clock that it moves."""

    runner: object
    backend: FakeBackend
    now_s: float = 1000.0
    idle: bool = True
    can_start: bool = True
    started: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.view, self.complain = Mock(), Mock()
        self.write(12)
        memory = Mock(recent_scans=[])
        self.scan = ScanPresenter(
            Mock(), self.runner, self.backend, memory, Mock(), self.complain, lambda: self.following.told()
        )
        self.following = FollowingPresenter(
            self.view,
            self.runner,
            self.backend,
            self.scan,
            lambda: self.idle,
            self.start_again,
            Mock(),
            self.notes.append,
            self.complain,
            lambda: self.now_s,
            lambda: datetime(2026, 11, 23, 1, 24),
        )
        self.scan.open(PATH)
        self.runner.work()

    def write(self, n: int) -> None:
        self.backend.raws[PATH.name] = make_raw(PATH.name, n=n)
        self.look_like((n, int(self.now_s * 1e9)))

    def look_like(self, stamp: tuple[int, int] | None) -> None:
        self.backend.sights[PATH.name] = {str(PATH): stamp}

    def start_again(self) -> bool:
        self.started += self.can_start
        return self.can_start

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.now_s += 1
            self.following.tick()
            self.runner.work()
        self.following.tick()

    def wait_for_a_reading(self) -> None:
        """Wait until one has begun."""
        for _ in range(20):
            self.now_s += 1
            self.following.tick()
            if self.scan.opening:
                return
            self.runner.work()
        raise AssertionError

    @property
    def watch(self) -> Watch:
        return self.view.show_watch.call_args.args[0]

    @property
    def patterns(self) -> int:
        return len(self.scan.scan)


@pytest.fixture
def desk(runner, backend) -> Desk:
    return Desk(runner, backend)


def whole_run(refines: bool = False) -> Job:
    return Job(Mock(), "cpu", Mock(), refines)


def test_a_file_that_stays_as_it_is_is_not_spoken_of(desk):
    desk.wait(20)
    assert desk.watch == Watch()


def test_a_change_is_told_with_the_number_of_patterns_and_nothing_is_read(desk):
    desk.write(16)
    desk.wait(6)
    assert desk.watch == Watch("Changed on disk since 01:24: 12 → 16 patterns.", can_read=True)
    assert desk.patterns == 12
    desk.scan.reload()
    desk.runner.work()
    assert desk.patterns == 16
    assert desk.watch == Watch()


def test_no_number_is_made_up(desk, backend):
    backend.patterns_now = Mock(return_value=None)
    desk.write(16)
    desk.wait(6)
    assert desk.watch.sentence == "Changed on disk since 01:24."
    desk.write(12)
    backend.patterns_now.return_value = 12
    desk.wait(6)
    assert desk.watch.sentence == "Changed on disk since 01:24: still 12 patterns."


def test_patterns_of_a_file_that_grows_all_the_time_are_counted_now_and_then(desk, backend):
    backend.patterns_now = Mock(return_value=16)
    for n in range(40):
        desk.write(13 + n)
        desk.wait(1)
    assert 3 <= backend.patterns_now.call_count <= 5


def test_what_was_written_while_it_was_read_is_not_missed(desk, backend):
    was = backend.open_raw

    def open_raw(path, mapping=None):
        raw = was(path, mapping)
        desk.write(20)
        return raw

    backend.open_raw = open_raw
    desk.scan.reload()
    desk.runner.work()
    backend.open_raw = was
    assert desk.patterns == 12
    desk.wait(6)
    assert "12 → 20" in desk.watch.sentence


def test_a_file_that_vanished_and_one_that_became_unreadable(desk, backend):
    desk.look_like(None)
    desk.wait(3)
    assert desk.watch == Watch("raw.h5 is no longer there; the open scan stays.")
    desk.look_like((3, 3))
    backend.patterns_now = Mock(side_effect=ScanError("raw.h5 is in no format."))
    desk.wait(6)
    assert "cannot be read now; the open scan stays. raw.h5 is in no format." in desk.watch.sentence
    assert desk.watch.can_read
    assert desk.patterns == 12
    assert not desk.complain.called


def test_a_disk_that_does_not_answer_is_told_and_asked_once(desk):
    for _ in range(round(SILENT_S) + 10):
        desk.now_s += 1
        desk.following.tick()
    assert len(desk.runner.waiting) == 1
    assert desk.watch.sentence.startswith("The disk of raw.h5 has not answered for")
    desk.runner.work()
    desk.following.tick()
    assert desk.watch == Watch()
    desk.now_s += LOOK_SHARE * SILENT_S
    desk.following.tick()
    assert not desk.runner.waiting  # it is left in peace for a while


def test_following_reads_what_stands_still_at_once(desk):
    desk.following.set_on(True)
    desk.write(16)
    desk.wait(2 * LOOK_EVERY_S + 1)
    assert desk.patterns == 16
    assert desk.watch.following
    assert desk.watch.sentence == "Following: 16 patterns, last written 4\u202fs ago."


def test_following_reads_what_never_stands_still_now_and_then(desk, backend):
    desk.following.set_on(True)
    reads = backend.open_raw = Mock(side_effect=backend.open_raw)
    for n in range(60):
        desk.write(4 * (4 + n))
        desk.wait(1)
    assert 60 / READ_EVERY_S - 1 <= reads.call_count <= 60 / READ_EVERY_S + 1


def test_a_preparation_is_kept_and_numbers_mean_the_same_patterns(desk):
    kept = desk.scan.scan.positions_px[[0, 1, 3]]
    desk.scan.change(Preparation(steps=(DropPatterns(indices=(2,)),)))
    desk.runner.work()
    desk.following.set_on(True)
    desk.write(16)
    desk.wait(6)
    assert desk.patterns == 15
    np_kept = desk.scan.scan.positions_px[:3]
    assert (np_kept == kept).all()
    assert desk.scan.latest.preparation.steps == (DropPatterns(indices=(2,)),)


def test_a_change_of_the_user_is_not_lost_while_the_file_is_read(desk):
    desk.following.set_on(True)
    desk.write(16)
    desk.wait_for_a_reading()
    desk.scan.change(Preparation(steps=(DropPatterns(indices=(2,)),)))
    desk.runner.waiting = desk.runner.waiting[-1:]  # what the real runner does: the newer call counts
    desk.runner.work()
    assert desk.patterns == 11
    desk.wait(READ_EVERY_S + 6)
    assert desk.patterns == 15


def test_while_something_runs_it_is_only_looked_at(desk, backend):
    desk.following.set_on(True)
    desk.idle = False
    reads = backend.open_raw = Mock(side_effect=backend.open_raw)
    desk.write(16)
    desk.wait(20)
    assert not reads.called
    assert "Read after this run." in desk.watch.sentence
    desk.idle = True
    desk.wait(3)
    assert desk.patterns == 16


def test_a_reading_that_a_run_overtook_is_not_taken(desk):
    desk.following.set_on(True)
    desk.write(16)
    desk.wait_for_a_reading()
    desk.idle = False
    desk.runner.work()
    assert desk.patterns == 12
    assert not desk.scan.opening
    desk.idle = True
    desk.wait(6)
    assert desk.patterns == 16


def test_a_file_that_cannot_be_read_for_a_moment_is_tried_again(desk, backend):
    desk.following.set_on(True)
    was, backend.open_raw = backend.open_raw, Mock(side_effect=ScanError("raw.h5 is damaged."))
    desk.write(16)
    desk.wait(12)
    assert 2 <= backend.open_raw.call_count <= 4
    assert "cannot be read now, and is tried again. raw.h5 is damaged." in desk.watch.sentence
    assert not desk.complain.called
    backend.open_raw = was
    desk.wait(5)
    assert desk.patterns == 16
    assert "damaged" not in desk.watch.sentence


def test_a_reason_that_is_too_long_for_the_card_is_only_hinted_at(desk, backend):
    reason = f"raw.h5 is in no format that ptygui reads ({', '.join(['some format'] * 20)})."
    backend.patterns_now = Mock(side_effect=ScanError(reason))
    desk.write(16)
    desk.wait(6)
    assert desk.watch.sentence.endswith("cannot be read now; the open scan stays.")
    assert desk.watch.reason == reason
    backend.open_raw = Mock(side_effect=ScanError(reason))
    desk.following.set_on(True)
    desk.wait(6)
    assert desk.watch.sentence.endswith("It cannot be read now, and is tried again.")
    assert desk.watch.reason == reason


def test_positions_that_lag_behind_leave_the_scan_as_it_is(desk, backend):
    desk.following.set_on(True)
    desk.write(16)
    raw = backend.raws[PATH.name]
    backend.raws[PATH.name] = replace(raw, positions=raw.positions[:14])
    desk.wait(6)
    assert desk.patterns == 12
    assert not desk.scan.lacking
    assert "16 patterns but 14 probe positions" in desk.watch.sentence


def test_following_ends_with_a_sentence_when_nothing_comes(desk):
    desk.following.set_on(True)
    desk.wait(PATIENCE_S - 2)
    assert desk.following.on
    desk.wait(4)
    assert not desk.following.on
    assert desk.watch == Watch("Following ended: nothing was written for 5\u202fmin.")
    assert "/data/raw.h5 has 12 patterns" in desk.notes[-1]


def test_a_scan_that_the_user_reconstructed_is_reconstructed_anew_after_each_reading(desk):
    desk.following.set_on(True)
    desk.write(16)
    desk.wait(6)
    assert desk.started == 0
    desk.following.ran(whole_run(), Outcome.DONE)
    desk.write(20)
    desk.can_start = False  # while the generator is being judged
    desk.wait(6)
    assert desk.started == 0
    desk.can_start = True
    desk.wait(1)
    assert desk.started == 1
    assert "Reconstructed anew each time." in desk.watch.sentence
    desk.wait(20)
    assert desk.started == 1


@pytest.mark.parametrize(
    ("refines", "outcome"),
    [(True, Outcome.DONE), (False, Outcome.CANCELLED), (False, Outcome.STOPPED), (False, Outcome.FAILED)],
)
def test_after_other_runs_none_starts_by_itself(desk, refines, outcome):
    desk.following.set_on(True)
    desk.following.ran(whole_run(), Outcome.DONE)
    desk.following.ran(whole_run(refines), outcome)
    desk.write(16)
    desk.wait(8)
    assert desk.patterns == 16
    assert desk.started == 0


def test_another_scan_is_not_followed(desk, backend):
    desk.following.set_on(True)
    desk.following.ran(whole_run(), Outcome.DONE)
    desk.scan.open(Path("/data/star.npz"))
    desk.runner.work()
    assert not desk.following.on
    assert not desk.following.repeats
    assert desk.watch == Watch()


def test_a_file_that_lacked_something_takes_the_place_of_the_scan_before_it(desk, backend):
    was = desk.scan.scan
    backend.raws["next.h5"] = make_raw("next.h5", positions=None)
    desk.scan.open(Path("/data/next.h5"))
    desk.runner.work()
    assert desk.scan.lacking
    backend.raws["next.h5"] = make_raw("next.h5")
    desk.scan.reload()
    desk.runner.work()
    assert desk.scan.scan is not was
    assert not desk.scan.goes_on  # nothing that was shown is of this scan
    desk.scan.reload()
    desk.runner.work()
    assert desk.scan.goes_on


def test_without_a_scan_the_switch_goes_back(runner, backend):
    view = Mock()
    scan = ScanPresenter(Mock(), runner, backend, Mock(recent_scans=[]), Mock(), Mock())
    presenter = FollowingPresenter(view, runner, backend, scan, *[Mock()] * 5)
    presenter.set_on(True)
    view.show_watch.assert_called_once_with(Watch())


def test_how_long_ago():
    assert [ago(seconds) for seconds in (-1, 3.9, 59, 61, 300)] == [
        "0\u202fs", "3\u202fs", "59\u202fs", "1\u202fmin", "5\u202fmin",
    ]  # fmt: skip
