"""Many readers: each believes its own clock and survives whatever happens to the directory."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ptygui.core.scan import ObjectImage
from ptygui.runs import alive
from ptygui.runs import writer as writer_module
from ptygui.runs.layout import METRICS_HEADER, RunError, RunInfo, RunPaths, RunState
from ptygui.runs.reader import Health, MetricRow, RunReader, find_runs, parse_row
from ptygui.runs.writer import RunWriter

INFO = RunInfo.now(kind="training", name="test", generator="cnn")
IMAGE = ObjectImage(np.ones((2, 2), np.complex64), np.ones((2, 2), bool))


class Clock:
    """A clock that the test moves."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "run"
    path.mkdir()
    return path


def test_a_run_is_followed_from_before_its_start_to_its_end(tmp_path: Path) -> None:
    reader = RunReader(tmp_path / "run")
    assert reader.poll().health is Health.GONE
    (tmp_path / "run").mkdir()
    assert reader.poll().health is Health.WAITING
    with RunWriter.create(tmp_path / "run", INFO, "") as run:
        assert reader.poll().health is Health.ALIVE  # its process lives here
        run.metrics(0, "train", {"loss": 0.5})
        run.log("Learning.")
        run.preview(1_000_000, IMAGE)
        run.preview(5, IMAGE)
        run.update(RunState.RUNNING, step=1, total=10, message="Training")
        assert reader.poll().health is Health.ALIVE
    last = reader.poll()
    assert last.health is Health.ENDED
    assert last.status is not None
    assert (last.status.state, last.status.step, last.status.message) == (RunState.DONE, 1, "Training")
    assert [path.name for path in last.previews] == ["step-000005.npz", "step-1000000.npz"]
    assert reader.info() == INFO


def test_every_row_and_line_comes_once(directory: Path) -> None:
    reader, rows, lines = RunReader(directory), [], []
    with RunWriter.create(directory, INFO, "") as run:
        for step in range(50):
            run.metrics(step, "train", {"loss": 1 / (step + 1)})
            run.log(f"step {step}")
            update = reader.poll()
            rows += update.rows
            lines += update.log_lines
    rows += reader.poll().rows
    assert [(row.step, row.value) for row in rows] == [(step, 1 / (step + 1)) for step in range(50)]
    assert [line.split(" ", 2)[2] for line in lines] == [f"step {step}" for step in range(50)]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the runs of this process look as if they ran on another machine."""
    monkeypatch.setattr(writer_module.platform, "node", lambda: "another-machine")
    monkeypatch.setattr(alive, "platform", SimpleNamespace(node=lambda: "this-machine"))


@pytest.mark.usefixtures("elsewhere")
def test_a_beat_that_stands_still_is_a_lost_run(directory: Path) -> None:
    clock = Clock()
    run = RunWriter.create(directory, INFO, "")
    reader = RunReader(directory, patience_s=30, clock=clock)
    reader.poll()
    clock.now_s = 20
    run.update(RunState.RUNNING)
    assert reader.poll().health is Health.ALIVE
    clock.now_s = 49
    assert reader.poll().health is Health.ALIVE
    clock.now_s = 51
    assert reader.poll().health is Health.LOST
    run.update(RunState.STOPPING)
    assert reader.poll().health is Health.ALIVE
    run.close(RunState.DONE)


@pytest.mark.usefixtures("elsewhere")
def test_a_run_of_last_year_that_was_killed_is_lost_not_running(directory: Path) -> None:
    clock = Clock()
    run = RunWriter.create(directory, INFO, "")
    run.update(RunState.RUNNING, step=3)
    reader = RunReader(directory, patience_s=30, clock=clock)
    assert reader.poll().health is Health.WAITING
    clock.now_s = 31
    assert reader.poll().health is Health.LOST
    run.close(RunState.DONE)


def test_a_process_that_lives_here_is_given_more_patience(directory: Path) -> None:
    clock = Clock()
    run = RunWriter.create(directory, INFO, "")
    reader = RunReader(directory, patience_s=30, clock=clock)
    clock.now_s = 200
    assert reader.poll().health is Health.ALIVE
    clock.now_s = 301
    assert reader.poll().health is Health.LOST
    run.close(RunState.DONE)


def test_a_vanished_directory_is_gone_and_may_come_back(directory: Path, tmp_path: Path) -> None:
    RunWriter.create(directory, INFO, "").close(RunState.DONE)
    reader = RunReader(directory)
    reader.poll()
    shutil.move(directory, tmp_path / "elsewhere")
    gone = reader.poll()
    assert (gone.health, gone.rows, gone.previews) == (Health.GONE, [], [])
    assert gone.status is not None
    shutil.move(tmp_path / "elsewhere", directory)
    assert reader.poll().health is Health.ENDED


def test_a_damaged_status_leaves_the_last_good_one(directory: Path) -> None:
    RunWriter.create(directory, INFO, "").close(RunState.DONE)
    reader = RunReader(directory)
    reader.poll()
    RunPaths(directory).status.write_text("{")
    update = reader.poll()
    assert update.status is not None
    assert update.status.state is RunState.DONE


def test_metrics_that_begin_anew_are_said_to(directory: Path) -> None:
    with RunWriter.create(directory, INFO, "") as run:
        run.metrics(0, "train", {"loss": 0.5})
    reader = RunReader(directory)
    assert len(reader.poll().rows) == 1
    RunPaths(directory).metrics.write_text(f"{METRICS_HEADER}\n9,1.0,val,loss,0.125\n")
    update = reader.poll()
    assert update.restarted
    assert update.rows == [MetricRow(9, 1.0, "val", "loss", 0.125)]


def test_a_resumed_run_is_no_new_one(directory: Path) -> None:
    with RunWriter.create(directory, INFO, "") as run:
        run.metrics(0, "train", {"loss": 0.5})
    with RunPaths(directory).metrics.open("a") as metrics:
        metrics.write("1,0.2,tra")
    reader = RunReader(directory)
    reader.poll()
    with RunWriter.resume(directory) as run:
        run.metrics(1, "train", {"loss": 0.25})
    update = reader.poll()
    assert not update.restarted
    assert [row.value for row in update.rows] == [0.25]


@pytest.mark.parametrize(
    "line", ["", "1,2", METRICS_HEADER, "a,0,train,loss,1", "1,0,train,loss,x", ",,,,,,"]
)
def test_what_is_no_row_is_none(line: str) -> None:
    assert parse_row(line) is None


def test_what_is_no_run_is_not_found(tmp_path: Path) -> None:
    for name in ("2026-01-01_0000_a", "2026-01-02_0000_b", "notes"):
        (tmp_path / name).mkdir()
        if name != "notes":
            RunWriter.create(tmp_path / name, INFO, "").close(RunState.DONE)
    assert [path.name for path in find_runs(tmp_path)] == ["2026-01-02_0000_b", "2026-01-01_0000_a"]
    assert find_runs(tmp_path / "absent") == []
    with pytest.raises(RunError, match="run directory"):
        RunReader(tmp_path / "notes").info()
