"""What a killed refinement leaves: found again, once its process is gone, and deleted only when told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import Cancelled, DeviceError
from ptygui.core.events import Finished, Notice, Reconstruction, StageResult
from ptygui.core.scan import ObjectImage
from ptygui.io.result_files import read_result, write_checkpoint
from ptygui.jobs import recovery

RESULT = Reconstruction(
    (
        StageResult(
            "refined",
            ObjectImage(np.ones((8, 8), np.complex64), np.ones((8, 8), bool)),
            np.ones((1, 4, 4), np.complex64),
            np.zeros((3, 2)),
            None,
            None,
            1.0,
            steps=7,
        ),
    ),
    "star",
)


def leave(path: Path) -> Path:
    write_checkpoint(path, RESULT)
    return path


def of_a_dead_process(path: Path) -> Path:
    """The same name, but of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return path.with_name(path.name.replace(f"@{os.getpid()}.", f"@{process.pid}."))


@pytest.mark.parametrize(
    ("scan_name", "shown"),
    [
        ("siemens-star-small", "siemens-star-small"),
        ("run 7/a@b:c*?", "run 7_a_b_c__"),
        ("../..", "_"),
        ("", "unnamed"),
        ("𝔰" * 300, "𝔰" * 40),
    ],
)
def test_what_a_dead_process_left_is_found_with_the_name_of_its_scan(home, scan_name, shown):
    path = leave(of_a_dead_process(recovery.new_checkpoint(scan_name)))
    assert path.is_relative_to(home)
    assert path.parent == recovery.folder()
    (found,) = recovery.left_behind()
    assert (found.path, found.scan_name) == (path, shown)
    assert abs((datetime.now() - found.kept_at).total_seconds()) < 60
    assert read_result(found.path).best.steps == 7
    recovery.forget(found.path)
    assert recovery.left_behind() == []
    recovery.forget(found.path)


def test_what_a_process_at_work_keeps_is_its_own():
    leave(recovery.new_checkpoint("star"))
    assert recovery.left_behind() == []


def test_a_younger_process_of_the_same_number_is_another_one():
    path = leave(recovery.new_checkpoint("star"))
    long_ago = time.time() - 1e6
    os.utime(path, (long_ago, long_ago))
    assert [left.path for left in recovery.left_behind()] == [path]


def test_another_machine_may_be_at_work_for_a_day(monkeypatch):
    with monkeypatch.context() as there:
        there.setattr(recovery.platform, "node", lambda: "node7")
        path = leave(recovery.new_checkpoint("star"))
    assert recovery.left_behind() == []
    long_ago = time.time() - 2 * 86_400
    os.utime(path, (long_ago, long_ago))
    assert [left.path for left in recovery.left_behind()] == [path]


def test_the_oldest_comes_first_and_other_files_are_left_alone():
    paths = [leave(of_a_dead_process(recovery.new_checkpoint(name))) for name in "abc"]
    for path, age in zip(paths, (50, 3000, 200), strict=True):
        os.utime(path, (time.time() - age, time.time() - age))
    other = recovery.folder() / "notes.txt"
    other.write_text("mine")
    assert [left.scan_name for left in recovery.left_behind()] == ["b", "c", "a"]
    assert other.exists()


def test_without_a_folder_there_is_nothing():
    assert not recovery.folder().exists()
    assert recovery.left_behind() == []


def test_a_folder_that_cannot_be_made_stops_nobody():
    recovery.folder().parent.mkdir(parents=True)
    recovery.folder().write_text("in the way")
    assert recovery.new_checkpoint("star").parent == recovery.folder()
    assert recovery.left_behind() == []


def job(checkpoint: Path, *then: Finished | Exception):
    leave(checkpoint)
    yield Notice("kept")
    for event in then:
        if isinstance(event, Exception):
            raise event
        yield event


def kept() -> list[Path]:
    return list(recovery.folder().iterdir())


def test_a_job_that_leaves_a_result_leaves_no_file():
    events = recovery.guarded("star", lambda path: job(path, Finished(RESULT)))
    next(events)
    assert len(kept()) == 1
    assert [type(event) for event in events] == [Finished]
    assert kept() == []


def test_a_cancelled_job_leaves_no_file():
    events = recovery.guarded("star", job)
    next(events)
    with pytest.raises(Cancelled):
        events.throw(Cancelled())
    assert kept() == []


@pytest.mark.parametrize("taken", [1, 2])
def test_a_job_that_is_closed_leaves_its_file_even_if_its_result_was_not_taken(taken):
    events = recovery.guarded("star", lambda path: job(path, Finished(RESULT)))
    for _ in range(taken):
        next(events)
    events.close()
    assert len(kept()) == 1


def test_a_job_that_fails_after_its_result_leaves_no_file():
    with pytest.raises(DeviceError):
        list(recovery.guarded("star", lambda path: job(path, Finished(RESULT), DeviceError("gone"))))
    assert kept() == []


def test_a_job_that_fails_without_a_result_leaves_its_file():
    with pytest.raises(ZeroDivisionError):
        list(recovery.guarded("star", lambda path: job(path, ZeroDivisionError())))
    assert len(kept()) == 1
