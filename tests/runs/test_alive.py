"""A process that is gone is seen at once, and a run that lives is never written by two."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from ptygui.runs import alive
from ptygui.runs.alive import process_lives, refuse_while_alive
from ptygui.runs.layout import RunError, RunInfo, RunPaths, RunState, Status
from ptygui.runs.reader import Health, RunReader
from ptygui.runs.records import read_status, write_record
from ptygui.runs.writer import RunWriter

INFO = RunInfo.now(kind="training", name="test", generator="cnn")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that says it is running; by this process."""
    RunWriter.create(tmp_path, INFO, "").close(RunState.RUNNING)
    return tmp_path


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def claim(run: Path, **changes: object) -> Status:
    status = msgspec.structs.replace(read_status(run), **changes)
    write_record(RunPaths(run).status, status)
    return status


def test_the_status_names_the_process_that_writes(run: Path) -> None:
    status = read_status(run)
    assert (status.pid, status.host) == (os.getpid(), platform.node())
    assert process_lives(run, status) is True


def test_a_killed_process_is_lost_at_once(run: Path, dead_pid: int) -> None:
    claim(run, pid=dead_pid)
    assert RunReader(run).poll().health is Health.LOST
    refuse_while_alive(run)  # and may go on


def test_a_zombie_is_dead(run: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # until it has ended; nobody has waited for it yet
    process.stdout.close()
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_lives(run, claim(run, pid=process.pid)) is False
    finally:
        process.wait()


def test_a_younger_process_has_only_inherited_the_number(run: Path) -> None:
    status = read_status(run)
    os.utime(RunPaths(run).status, (1e9, 1e9))
    assert process_lives(run, status) is False


@pytest.mark.parametrize("changes", [{"pid": None, "host": None}, {"host": "another-machine"}])
def test_of_another_machine_nothing_is_known(run: Path, changes: dict[str, object]) -> None:
    assert process_lives(run, claim(run, **changes)) is None


def test_a_run_that_lives_is_refused(run: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()", "ptygui"], stdin=subprocess.PIPE) as process:
        claim(run, pid=process.pid)
        with pytest.raises(RunError, match=f"process {process.pid} on this machine"):
            RunWriter.resume(run)


def test_another_program_that_inherited_the_number_is_not_the_run(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might be a script that trains: then its beat would tell."""
    monkeypatch.setattr(alive, "LOOK_S", 0.1)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        claim(run, pid=process.pid)
        refuse_while_alive(run)


def test_a_run_of_another_machine_is_refused_while_it_beats(run: Path) -> None:
    status, ended = claim(run, host="another-machine"), threading.Event()

    def beat() -> None:
        number = status.beat
        while not ended.wait(0.01):
            number += 1
            claim(run, beat=number)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        with pytest.raises(RunError, match="another-machine"):
            refuse_while_alive(run, look_s=60)
    finally:
        ended.set()
        thread.join()


def test_a_run_of_another_machine_that_is_still_goes_on(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive, "LOOK_S", 0.1)
    claim(run, host="another-machine")
    RunWriter.resume(run).close(RunState.DONE)
    assert read_status(run).host == platform.node()


def test_an_older_status_without_process_is_read(run: Path) -> None:
    RunPaths(run).status.write_text('{"state": "done", "beat": 3}')
    assert (read_status(run).pid, read_status(run).best) == (None, None)


def test_a_stop_is_forgotten_by_who_resumes_but_not_by_who_was_announced(run: Path) -> None:
    RunPaths(run).stop.touch()
    claim(run, pid=os.getpid())  # as whoever started this process did
    RunWriter.resume(run).close(RunState.STOPPED)
    assert RunPaths(run).stop.exists()
    claim(run, pid=None)
    RunWriter.resume(run).close(RunState.STOPPED)
    assert not RunPaths(run).stop.exists()
