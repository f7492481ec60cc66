import signal
import sys
import time

import msgspec
import pytest

from ptygui.cli.train import _bar_position
from ptygui.jobs import training
from ptygui.runs.layout import RunPaths, Status
from ptygui.runs.reader import RunReader
from ptygui.train.config import MeasuredScan, SimulatedLines, TrainConfig, dump_config, load_config

TINY = TrainConfig(
    name="tiny",
    generator="stable_hybrid",
    generator_config={"width": 2, "levels": 2, "modes": 4},
    data=SimulatedLines(pattern_px=32, object_px=96, step_px=9.0, photons_per_pattern=1e6, scans=1),
    neighbourhood=4,
    steps=4,
    validate_every=2,
    validation_patterns=16,
)

STUB = """
import sys, time
from pathlib import Path
from ptygui.runs.layout import RunState
from ptygui.runs.writer import RunWriter

run = Path(sys.argv[1])
with RunWriter.resume(run) as writer:
    for step in range(1, {steps} + 1):
        done = step / {steps}
        writer.update(RunState.RUNNING, step=step, total={steps}, message=f"step {{step}}", progress=done)
        time.sleep({pause})
        if writer.stop_requested:
            writer.update(RunState.STOPPING)
            break
    {then}
writer.paths.bundle.write_bytes(Path({bundle!r}).read_bytes())
"""


@pytest.fixture
def stub(monkeypatch, tmp_path, bundle_file):
    """Put a quick process in the place of the training."""

    def install(steps=3, pause=0.05, then="pass"):
        script = tmp_path / "stub.py"
        script.write_text(STUB.format(steps=steps, pause=pause, then=then, bundle=str(bundle_file)))
        monkeypatch.setattr(training, "COMMAND", (sys.executable, str(script)))

    return install


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(dump_config(TINY))
    return path


def only_run(runs):
    (run,) = runs.iterdir()
    return run


def test_a_configuration_becomes_a_run_with_a_bundle(ptygui, stub, config_file, tmp_path):
    stub()
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 0, result.output
    run = only_run(tmp_path / "runs")
    assert load_config(run / "config.toml") == TINY
    assert str(run / "bundle.safetensors") in result.stdout
    assert str(run) in result.stderr


def test_a_scan_is_trained_on_by_time(ptygui, stub, scan_file, tmp_path):
    stub()
    arguments = ("--generator", "fno", "--minutes", "2.5", "--name", "mine", "--runs", tmp_path / "runs")
    assert ptygui("train", "--scan", scan_file, *arguments).exit_code == 0
    run = only_run(tmp_path / "runs")
    config = load_config(run / "config.toml")
    assert config.data == MeasuredScan(path=str(scan_file))
    assert (config.generator, config.name, config.minutes) == ("fno", "mine", 2.5)
    assert config.steps > 10_000
    assert "fno_mine" in run.name


def test_runs_lie_in_the_user_s_own_folder_by_default(ptygui, stub, config_file, home):
    stub()
    assert ptygui("train", config_file).exit_code == 0
    assert only_run(home / ".local" / "share" / "ptygui" / "runs").is_dir()


def test_a_run_is_resumed_where_it_is(ptygui, stub, config_file, tmp_path):
    run = training.new_run(TINY, tmp_path / "runs")
    stub()
    result = ptygui("train", "--resume", run)
    assert result.exit_code == 0, result.output
    assert only_run(tmp_path / "runs") == run
    assert RunPaths(run).bundle.exists()


def test_a_run_remembers_where_its_scan_lies_wherever_it_is_resumed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run = training.new_run(msgspec.structs.replace(TINY, data=MeasuredScan(path="a.npz")), tmp_path / "runs")
    assert load_config(run / "config.toml").data == MeasuredScan(path=str(tmp_path / "a.npz"))


def test_a_failure_is_told_in_the_run_s_own_words(ptygui, stub, config_file, tmp_path):
    stub(then="raise ValueError('the probe is empty')")
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert "The training failed" in result.stderr
    assert "the probe is empty" in result.stderr
    assert str(only_run(tmp_path / "runs")) in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_kill_from_outside_is_told(ptygui, stub, config_file, tmp_path):
    stub(then="writer.log('All is well.'); import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert "killed from outside (signal 9)" in result.stderr
    assert "All is well" not in result.stderr
    assert str(only_run(tmp_path / "runs")) in result.stderr


def test_a_process_that_cannot_even_start_is_told(ptygui, monkeypatch, config_file, tmp_path):
    monkeypatch.setattr(training, "COMMAND", (sys.executable, "-c", "import sys; sys.exit('no torch here')"))
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert "no torch here" in result.stderr


def test_the_first_interrupt_stops_and_saves(ptygui, stub, config_file, tmp_path):
    stub(steps=2000, pause=0.01)
    follow = training.TrainingProcess.follow
    pressed = []

    def press(process):
        for status in follow(process):
            yield status
            if status.step and not pressed:
                pressed.append(True)
                signal.raise_signal(signal.SIGINT)

    training.TrainingProcess.follow = press
    try:
        result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    finally:
        training.TrainingProcess.follow = follow
    assert result.exit_code == 130, result.output
    run = only_run(tmp_path / "runs")
    status = RunReader(run).poll().status
    assert status.state == "stopped"
    assert status.step < 2000
    assert f"Stopped at step {status.step}." in result.stdout
    assert f"ptygui train --resume {run}" in result.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_an_ending_session_stops_and_saves(ptygui, stub, config_file, tmp_path, monkeypatch, name):
    number = getattr(signal, name)
    before = signal.getsignal(number)
    stub(steps=2000, pause=0.01)
    processes = []
    follow = training.TrainingProcess.follow

    def end(process):
        processes.append(process.process)
        for status in follow(process):
            yield status
            if status.step:  # again and again, as `timeout` sends it twice
                signal.raise_signal(number)

    monkeypatch.setattr(training.TrainingProcess, "follow", end)
    ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert processes[0].returncode == 0
    assert RunReader(only_run(tmp_path / "runs")).poll().status.state == "stopped"
    assert signal.getsignal(number) is before


def test_the_second_interrupt_ends_the_process(ptygui, stub, config_file, tmp_path, monkeypatch):
    stub(steps=100_000, pause=0.01)
    processes = []
    follow = training.TrainingProcess.follow

    def press(process):
        processes.append(process.process)
        for status in follow(process):
            yield status
            if status.step:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(training.TrainingProcess, "follow", press)
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 130
    assert processes[0].poll() is not None


def test_a_stop_before_it_has_begun_is_not_forgotten(stub, tmp_path):
    stub(steps=2000, pause=0.01)
    process = training.TrainingProcess.start(training.new_run(TINY, tmp_path / "runs"))
    process.stop()
    *_, last = process.follow()
    process.kill()
    assert last.state == "stopped"
    assert last.step < 2000


STUBBORN = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGTERM, signal.SIG_IGN)
(Path(sys.argv[1]) / "ready").touch()
time.sleep(600)
"""


def test_a_process_that_will_not_end_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(training, "COMMAND", (sys.executable, "-c", STUBBORN))
    monkeypatch.setattr(training, "PATIENCE_S", 0.1)
    run = training.new_run(TINY, tmp_path)
    stubborn = training.TrainingProcess.start(run)
    while not (run / "ready").exists():
        assert stubborn.process.poll() is None
        time.sleep(0.01)
    stubborn.kill()
    assert stubborn.process.poll() == -signal.SIGKILL


def test_a_run_that_still_trains_is_not_resumed(ptygui, stub, tmp_path):
    stub(steps=100_000, pause=0.01)
    run = training.new_run(TINY, tmp_path / "runs")
    process = training.TrainingProcess.start(run)
    try:
        result = ptygui("train", "--resume", run)
        assert process.process.poll() is None
    finally:
        process.kill()
    assert result.exit_code == 1
    assert f"process {process.process.pid} on this machine" in result.stderr
    assert "stop it first" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("tiny.toml", "--scan", "tiny.toml")])
def test_one_thing_to_train_is_needed(ptygui, config_file, monkeypatch, arguments):
    monkeypatch.chdir(config_file.parent)
    result = ptygui("train", *arguments)
    assert result.exit_code == 2
    assert "Give one of" in result.stderr


@pytest.mark.parametrize("minutes", ["0", "-3", "nan", "inf"])
def test_a_training_takes_time(ptygui, scan_file, tmp_path, minutes):
    result = ptygui("train", "--scan", scan_file, "--minutes", minutes, "--runs", tmp_path / "runs")
    assert result.exit_code == 2
    assert "time above 0" in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--generator", "foo"), "no generator 'foo'"),
        (("-d", "cuda:99"), "no device 'cuda:99'"),
    ],
)
def test_what_cannot_be_trained_leaves_no_run_behind(ptygui, scan_file, tmp_path, arguments, words):
    result = ptygui("train", "--scan", scan_file, *arguments, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / "runs").exists()


def test_a_file_that_is_no_scan_leaves_no_run_behind(ptygui, config_file, tmp_path):
    result = ptygui("train", "--scan", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 1
    assert "tiny.toml" in result.stderr
    assert not (tmp_path / "runs").exists()


def test_the_bar_shows_the_share_of_the_whole_run():
    assert _bar_position(Status()) == 0
    assert _bar_position(Status(state="running", progress=0.5)) == 500
    assert _bar_position(Status(state="stopped", progress=0.5)) == 500
    assert _bar_position(Status(state="done", progress=0.5)) == 1000


def test_what_is_no_run_cannot_be_resumed(ptygui, tmp_path):
    result = ptygui("train", "--resume", tmp_path)
    assert result.exit_code == 1
    assert "is no training run" in result.stderr
    assert "Errno" not in result.stderr


def test_a_bad_configuration_is_a_sentence(ptygui, config_file):
    config_file.write_text("generator = 3")
    result = ptygui("train", config_file)
    assert result.exit_code == 1
    assert "tiny.toml" in result.stderr


@pytest.mark.slow
def test_the_real_training_gives_a_generator_that_reconstructs(ptygui, config_file, scan_file, tmp_path):
    result = ptygui("train", config_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 0, result.output
    bundle = only_run(tmp_path / "runs") / "bundle.safetensors"
    assert "Canvas residual R1: raw 0." in result.stdout
    assert ", polished 0." in result.stdout
    result = ptygui("reconstruct", scan_file, "-g", bundle, "-o", tmp_path / "out", "--formats", "npz")
    assert result.exit_code == 0, result.output
