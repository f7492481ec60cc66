"""The list of runs says of each how it is, cheaply; and acts on them without losing any."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import msgspec
import psutil
import pytest

from ptygui.jobs import training
from ptygui.jobs.training_runs import (
    RunsWatch,
    bin_run,
    rename_run,
    resume_training,
    start_training,
    stop_training,
)
from ptygui.runs.layout import RunError, RunInfo, RunPaths, RunState
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_info, read_status, write_record
from ptygui.runs.writer import RunWriter
from ptygui.train.config import SimulatedLines, TrainConfig, load_config

CONFIG = TrainConfig(name="tiny", generator="cnn", data=SimulatedLines())
STUB = """
import sys, time
from pathlib import Path
from ptygui.runs.layout import RunState
from ptygui.runs.writer import RunWriter

with RunWriter.resume(Path(sys.argv[1])) as writer:
    for step in range(1, 5000):
        writer.metrics(step, "train", {"loss": 1 / step})
        writer.update(RunState.RUNNING, step=step, total=5000, best=1 / step)
        time.sleep(0.01)
        if writer.stop_requested:
            writer.update(RunState.STOPPING)
            break
"""


def make(folder, name="run", state=RunState.DONE, generator="cnn", **update):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.mkdir()
    writer = RunWriter.create(path, RunInfo.now(kind="training", name=name, generator=generator), "")
    writer.metrics(1, "train", {"loss": 0.5})
    writer.update(RunState.RUNNING, step=1, **update)
    writer.close(state)
    return path


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def wait_for(condition):
    end_s = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end_s, "it never came true"
        time.sleep(0.02)


@pytest.fixture
def stub(monkeypatch, tmp_path):
    """Have trainings be something quick: stub(code)."""

    def install(code=STUB):
        script = tmp_path / "stub.py"
        script.write_text(code)
        monkeypatch.setattr(training, "COMMAND", (sys.executable, str(script)))

    return install


def only(watch, followed=()):
    (run,) = watch.poll(followed).runs
    return run


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_an_ended_run_says_how_it_ended(tmp_path, state):
    path = make(tmp_path, state=RunState(state), best=0.125, progress=1.0, message="Said so")
    run = only(RunsWatch(tmp_path))
    assert (run.path, run.condition, run.message, run.own) == (path, state, "Said so", True)
    assert (run.best, run.best_of) == (0.125, "canvas residual R1")
    assert run.age_s >= 0


def test_a_run_whose_process_is_gone_is_lost(tmp_path):
    path = make(tmp_path, state=RunState.RUNNING)
    status = msgspec.structs.replace(read_status(path), pid=dead_pid())
    write_record(RunPaths(path).status, status)
    run = only(RunsWatch(tmp_path))
    assert run.condition == "lost"
    assert f"Its process ({status.pid}) ended without a word after step 1" in run.message


def test_a_run_that_is_asked_to_stop_is_stopping(tmp_path):
    path = make(tmp_path, state=RunState.RUNNING)
    watch = RunsWatch(tmp_path)
    assert only(watch).condition == "running"
    stop_training(path)
    assert only(watch).condition == "stopping"


def test_the_scan_and_the_study_of_a_run_are_known(tmp_path):
    path = make(tmp_path / "studies" / "stress", "old-s3")
    info = msgspec.structs.replace(read_info(path), parents=("/data/start.safetensors", "/data/scan.h5"))
    write_record(RunPaths(path).info, info)
    run = only(RunsWatch(tmp_path))
    assert (run.study, str(run.scan), run.bundle) == ("stress", "/data/scan.h5", None)
    RunPaths(path).bundle.touch()
    assert only(RunsWatch(tmp_path)).bundle == RunPaths(path).bundle


def test_a_study_is_known_by_its_file_wherever_it_was_written(tmp_path):
    make(tmp_path / "elsewhere" / "stage-a", "old-s3")
    (tmp_path / "elsewhere" / "stage-a" / "study.toml").touch()
    watch = RunsWatch(tmp_path / "runs")
    watch.watch(tmp_path / "elsewhere")
    assert only(watch).study == "stage-a"


@pytest.mark.parametrize(
    ("last", "ailment"),
    [
        ('"ailment": "dead", "breakdown": true', "dead"),
        ('"ailment": "dead", "breakdown": true, "action": "Went back."', "flat"),  # it recovered
        ('"ailment": "dead"', "flat"),  # an inner block: the run learns around it
        ('"ailment": "spiking"', "flat"),
        ('"ailment": "over-fitting"', "over-fitting"),
    ],
)
def test_what_ails_a_run_for_good_is_known(tmp_path, last, ailment):
    path = make(tmp_path)
    watch = RunsWatch(tmp_path)
    assert only(watch).ailment == ""
    event = '{"step": 40, "wall_s": 1.0, %s, "evidence": {}, "sentence": "It is so."}\n'
    RunPaths(path).health.write_text(event % '"ailment": "flat"' + event % last + '{"step": 5')
    assert only(watch).ailment == ailment


def test_curves_grow_with_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr("ptygui.runs.writer.MIN_INTERVAL_S", 0.0)
    path = tmp_path / "run"
    path.mkdir()
    watch = RunsWatch(tmp_path)
    with RunWriter.create(path, RunInfo.now(kind="training", name="n", generator="g"), "") as writer:
        writer.metrics(1, "train", {"loss": 0.5, "rate": 0.1})
        writer.health(1, "spiking", {"loss": 9.0}, "It spiked.")
        writer.update(RunState.RUNNING)
        (first,) = watch.poll([path]).followed
        (again,) = watch.poll([path]).followed
    with RunWriter.resume(path) as writer:
        writer.metrics(2, "train", {"loss": 0.25})
    (last,) = watch.poll([path]).followed
    assert first.name == "n"
    assert first.series["train", "loss"].value.tolist() == [0.5]
    assert again.series["train", "loss"] is first.series["train", "loss"]
    assert last.series["train", "loss"].value.tolist() == [0.5, 0.25]
    assert [event.ailment for event in last.events] == ["spiking"]


def test_a_followed_run_that_vanishes_keeps_its_curves_and_comes_back(tmp_path):
    path = make(tmp_path / "runs")
    watch = RunsWatch(tmp_path / "runs")
    watch.poll([path])
    shutil.move(path, tmp_path / "away")
    gone = watch.poll([path])
    assert [run.condition for run in gone.runs] == ["gone"]
    assert gone.followed[0].series["train", "loss"].value.tolist() == [0.5]
    assert watch.poll([]).runs == ()
    shutil.move(tmp_path / "away", path)
    back = watch.poll([path])
    assert back.runs[0].condition == "done"
    assert back.followed[0].series["train", "loss"].value.tolist() == [0.5]


def test_metrics_that_begin_anew_replace_the_curve(tmp_path):
    path = make(tmp_path)
    watch = RunsWatch(tmp_path)
    watch.poll([path])
    RunPaths(path).metrics.write_text("step,wall_s,split,metric,value\n7,1.0,train,loss,0.75\n")
    (curves,) = watch.poll([path]).followed
    assert curves.series["train", "loss"].step.tolist() == [7]


def test_logs_of_other_programs_are_watched(tmp_path):
    folder = tmp_path / "out" / "lightning_logs" / "version_0"
    folder.mkdir(parents=True)
    (folder / "metrics.csv").write_text("epoch,step,val_loss\n0,1,0.5\n0,2,nan\n0,3,0.25\n")
    watch = RunsWatch(tmp_path / "runs")
    with pytest.raises(RunError, match="nothing that can be watched"):
        watch.watch(tmp_path / "absent")
    watch.watch(tmp_path / "out")
    assert only(watch).best is None
    run = only(watch, [folder])
    assert (run.name, run.condition, run.own) == ("out/version_0", "watched", False)
    assert (run.best, run.best_of) == (0.25, "validation loss")
    watch.forget(tmp_path / "out")
    assert watch.poll([]).runs == ()


def test_what_is_damaged_raises_nothing(tmp_path):
    path = make(tmp_path)
    for name in ("run.json", "status.json", "metrics.csv", "log.txt", "health.jsonl"):
        (path / name).write_bytes(b"\xff\x00{")
    (path / "checkpoints" / "last.safetensors").write_bytes(b"\xff" * 9)
    update = RunsWatch(tmp_path).poll([path])
    assert update.runs[0].name == "run"
    assert update.followed[0].series == {}


def test_a_quiet_poll_reads_no_file_of_runs_that_are_not_followed(tmp_path, monkeypatch):
    for number in range(3):
        make(tmp_path, f"run{number}")
    watch = RunsWatch(tmp_path)
    watch.poll([])
    opened = []
    monkeypatch.setattr("pathlib.Path.open", lambda path, *_: opened.append(path))
    assert len(watch.poll([]).runs) == 3
    assert opened == []


def test_a_training_lives_on_alone_and_is_nobody_s_child(tmp_path, stub):
    stub()
    path = start_training(CONFIG, tmp_path / "runs")
    assert load_config(path / "config.toml") == CONFIG
    watch = RunsWatch(tmp_path / "runs")
    assert only(watch).condition in ("starting", "running")
    pid = read_status(path).pid
    assert pid not in [child.pid for child in psutil.Process().children()]
    wait_for(lambda: only(watch).condition == "running")
    for act in (resume_training, bin_run):
        with pytest.raises(RunError, match=f"process {pid} on this machine"):
            act(path)
    stop_training(path)
    wait_for(lambda: only(watch).condition == "stopped")
    step = read_status(path).step
    resume_training(path)
    wait_for(lambda: only(watch).condition == "running")
    stop_training(path)
    wait_for(lambda: only(watch).condition == "stopped")
    assert len(RunReader(path).poll().rows) > step
    assert only(watch).best is not None


def test_a_stop_before_it_has_begun_is_not_forgotten(tmp_path, stub):
    stub()
    path = start_training(CONFIG, tmp_path / "runs")
    stop_training(path)
    wait_for(lambda: only(RunsWatch(tmp_path / "runs")).condition == "stopped")
    assert read_status(path).step < 4999


def test_a_training_that_cannot_even_begin_failed_and_its_log_says_why(tmp_path, stub):
    stub("import sys; sys.exit('no torch here')")
    start_training(CONFIG, tmp_path / "runs")
    watch = RunsWatch(tmp_path / "runs")
    wait_for(lambda: only(watch).condition == "failed")
    assert only(watch).message == "no torch here"
    assert only(watch).log_tail == ("no torch here",)


def test_a_run_is_renamed(tmp_path):
    path = make(tmp_path)
    rename_run(path, "  the good\none ")
    assert only(RunsWatch(tmp_path)).name == "the good one"
    with pytest.raises(RunError, match="needs a name"):
        rename_run(path, " ")


def test_the_bin_keeps_everything(tmp_path):
    places = [bin_run(make(tmp_path, "run")) for _ in range(2)]
    assert [place.name for place in places] == ["run", "run-2"]
    assert all(RunPaths(place).metrics.exists() for place in places)
    assert RunsWatch(tmp_path).poll([]).runs == ()


def test_what_is_no_run_is_not_put_into_the_bin(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(RunError, match="run directory"):
        bin_run(tmp_path / "photos")
    assert (tmp_path / "photos").exists()
