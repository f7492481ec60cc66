"""One writer: nothing is overwritten, nothing is lost, nothing is half-written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import PtyguiError
from ptygui.core.scan import ObjectImage
from ptygui.runs import writer as writer_module
from ptygui.runs.layout import METRICS_HEADER, RunError, RunInfo, RunPaths, RunState, request_stop
from ptygui.runs.previews import read_preview
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_info, read_status
from ptygui.runs.writer import RunWriter

INFO = RunInfo.now(kind="training", name="test", generator="cnn", parents=("scan.npz",))


def rows(directory: Path) -> list[list[str]]:
    lines = RunPaths(directory).metrics.read_text().splitlines()
    assert lines[0] == METRICS_HEADER
    return [line.split(",") for line in lines[1:]]


def test_a_new_run_says_what_and_from_what(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "seed = 1\n"):
        assert read_info(tmp_path) == INFO
        assert read_status(tmp_path).state is RunState.STARTING
        assert RunPaths(tmp_path).config.read_text() == "seed = 1\n"


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    RunWriter.create(tmp_path, INFO, "seed = 1\n").close(RunState.DONE)
    with pytest.raises(RunError, match="holds a run already"):
        RunWriter.create(tmp_path, INFO, "seed = 2\n")
    assert RunPaths(tmp_path).config.read_text() == "seed = 1\n"


def test_metrics_are_long_rows_with_full_precision(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run:
        run.metrics(7, "train", {"loss": 0.1 + 0.2, "norm": float("nan")})
    (loss, norm) = rows(tmp_path)
    assert [loss[0], *loss[2:4]] == ["7", "train", "loss"]
    assert float(loss[4]) == 0.1 + 0.2
    assert float(loss[1]) >= 0
    assert norm[3:] == ["norm", "nan"]


@pytest.mark.parametrize("name", ["", "a,b", "a\nb", 'a"b'])
def test_a_metric_name_that_would_break_the_table_is_refused(tmp_path: Path, name: str) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run, pytest.raises(ValueError, match="no name"):
        run.metrics(0, "train", {name: 1.0})


def test_metrics_reach_the_file_at_most_ten_times_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: now[0])
    with RunWriter.create(tmp_path, INFO, "") as run:
        now[0] += 0.2
        run.metrics(0, "train", {"loss": 1.0})
        run.metrics(1, "train", {"loss": 1.0})
        assert len(rows(tmp_path)) == 1
        now[0] += 0.2
        run.metrics(2, "train", {"loss": 1.0})
        assert len(rows(tmp_path)) == 3


def test_status_is_held_back_but_not_a_change_of_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: 1000.0)
    with RunWriter.create(tmp_path, INFO, "") as run:
        run.update(RunState.RUNNING, step=1, total=9)
        run.update(step=2)
        assert read_status(tmp_path).step == 1
        run.update(RunState.STOPPING)
        assert read_status(tmp_path).step == 2
    ended = read_status(tmp_path)
    assert (ended.state, ended.step, ended.total) == (RunState.STOPPED, 2, 9)


def test_every_update_is_a_beat(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run:
        before = run.status.beat
        run.update()
        run.update()
        assert run.status.beat == before + 2


@pytest.mark.parametrize(
    ("error", "state", "message"),
    [
        (ValueError("no light"), "failed", "ValueError: no light"),
        (PtyguiError("The scan is dark."), "failed", "The scan is dark."),
        (KeyboardInterrupt(), "stopped", "Interrupted"),
    ],
)
def test_the_end_is_told_whatever_it_was(
    tmp_path: Path, error: BaseException, state: str, message: str
) -> None:
    with pytest.raises(type(error)), RunWriter.create(tmp_path, INFO, "") as run:
        run.metrics(0, "train", {"loss": 1.0})
        raise error
    assert read_status(tmp_path).state == state
    assert read_status(tmp_path).message == message
    assert len(rows(tmp_path)) == 1


def test_a_watcher_asks_for_the_end(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run:
        assert not run.stop_requested
        request_stop(tmp_path)
        assert run.stop_requested


def test_the_log_is_there_at_once(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run:
        run.log("The loss spiked at step 3.")
        assert RunPaths(tmp_path).log.read_text().endswith("The loss spiked at step 3.\n")


@pytest.mark.parametrize("pixel_size_m", [(1e-8, 2e-8), None])
def test_a_preview_comes_back(tmp_path: Path, pixel_size_m: tuple[float, float] | None) -> None:
    values = np.array([[1 + 2j, 0], [3, -1j]], np.complex64)
    image = ObjectImage(values, values != 0, (-3.0, 4.0), pixel_size_m, stride=2)
    with RunWriter.create(tmp_path, INFO, "") as run:
        path = run.preview(500, image)
    assert path == tmp_path / "previews" / "step-000500.npz"
    back = read_preview(path)
    np.testing.assert_array_equal(back.values, values)
    np.testing.assert_array_equal(back.covered, image.covered)
    assert back.values.dtype == np.complex64
    assert (back.origin_px, back.pixel_size_m, back.stride) == ((-3.0, 4.0), pixel_size_m, 2)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"\x80\x04pickle?"])
def test_a_damaged_preview_is_said_to_be_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "step-000001.npz"
    path.write_bytes(content)
    with pytest.raises(RunError, match="step-000001"):
        read_preview(path)


KILLED = """
import os, sys, signal, time
from pathlib import Path
from ptygui.runs.layout import RunInfo, RunState
from ptygui.runs.writer import RunWriter
run = RunWriter.create(Path(sys.argv[1]), RunInfo.now(kind="training", name="k", generator="cnn"), "")
for step in range(10**9):
    run.metrics(step, "train", {"loss": 1 / (step + 1), "norm": 0.25})
    run.update(RunState.RUNNING, step=step)
"""


def test_a_killed_run_is_readable_and_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)])
    metrics = RunPaths(tmp_path).metrics
    while not (metrics.exists() and metrics.stat().st_size > 20_000):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    beat = read_status(tmp_path).beat
    with RunWriter.resume(tmp_path) as run:
        assert run.status.beat > beat
        run.metrics(5, "train", {"loss": 0.5})
    assert all(len(row) == 5 and float(row[4]) <= 1 for row in rows(tmp_path))
    assert rows(tmp_path)[-1][2:] == ["train", "loss", "0.5"]
    assert read_status(tmp_path).state is RunState.DONE


def test_resuming_drops_a_cut_line_and_an_old_request_to_stop(tmp_path: Path) -> None:
    RunWriter.create(tmp_path, INFO, "").close(RunState.STOPPED)
    metrics = RunPaths(tmp_path).metrics
    metrics.write_text(METRICS_HEADER + "\n1,0.5,train,loss,0.25\n2,0.6,tra")
    request_stop(tmp_path)
    with RunWriter.resume(tmp_path) as run:
        assert not run.stop_requested
        assert run.info == INFO
    assert len(rows(tmp_path)) == 1


def test_resuming_removes_files_that_were_never_whole(tmp_path: Path) -> None:
    RunWriter.create(tmp_path, INFO, "").close(RunState.STOPPED)
    left = [
        tmp_path / ".status.0a1b2c3d.json",
        tmp_path / "previews" / ".step-000003.0a1b2c3d.npz",
        tmp_path / "checkpoints" / ".last.0a1b2c3d.safetensors",
    ]
    for path in left:
        path.write_text("half")
        os.utime(path, (1, 1))
    RunWriter.resume(tmp_path).close(RunState.DONE)
    assert not any(path.exists() for path in left)
    assert RunPaths(tmp_path).config.exists()


def test_a_run_killed_before_its_first_status_goes_on(tmp_path: Path) -> None:
    RunWriter.create(tmp_path, INFO, "").close(RunState.STOPPED)
    RunPaths(tmp_path).status.unlink()
    with RunWriter.resume(tmp_path):
        assert read_status(tmp_path).state is RunState.STARTING


def test_evidence_that_is_not_finite_does_not_hide_the_event(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, INFO, "") as run:
        run.health(7, "diverging", {"residual": float("inf"), "best": 0.1}, "The object gets worse.")
    (event,) = RunReader(tmp_path).poll().events
    assert (event.step, event.evidence) == (7, {"best": 0.1})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full is known to Linux only")
def test_a_full_disk_does_not_keep_it_from_saying_how_it_ended(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"), RunWriter.create(tmp_path, INFO, "") as run:
        run._metrics.close()
        run._metrics = Path("/dev/full").open("a", encoding="utf-8")  # noqa: SIM115  # the run closes it
        run._metrics.write("1,0.5,train,loss,1.0\n")
        run._metrics.flush()
    status = read_status(tmp_path)
    assert status.state is RunState.FAILED
    assert "No space left" in status.message
