import os
import signal
import sys
import time

import pytest

from ptygui.jobs import training
from ptygui.jobs.study import StudyRunner, open_study
from ptygui.jobs.study_process import StudyProcess
from ptygui.runs.layout import RunPaths
from ptygui.runs.reader import RunReader
from ptygui.train.study import plan
from ptygui.train.study_results import read_cost

STUDY = """
name = "tiny"
title = "Two tiny networks"
seeds = 2
at_once = {at_once}
[base]
generator = "cnn"
neighbourhood = 4
polish_steps = 1
steps = 4
validate_every = 2
validation_patterns = 9
[base.generator_config]
width = 2
levels = 2
[base.data]
type = "lines"
pattern_px = 16
object_px = 60
step_px = 8.0
photons_per_pattern = 1e6
scans = 1
[[arms]]
name = "one"
[[arms]]
name = "two"
[arms.change]
generator = "hybrid"
"""

STUB = """
import os, signal, sys, time
from pathlib import Path
from ptygui.runs.layout import RunState
from ptygui.runs.writer import RunWriter

run = Path(sys.argv[1])
writer = RunWriter.resume(run)
with writer:
    first = writer.status.step + 1
    with (run / "sittings").open("a") as file:
        file.write(f"{{first}} {{os.environ.get('OMP_NUM_THREADS')}}\\n")
    for step in range(first, {steps} + 1):
        writer.metrics(step, "val", {{"loss": 1 / step, "raw.r1": 1 / step, "amplitude_spread": 0.1}})
        writer.update(RunState.RUNNING, step=step, message=f"step {{step}}", progress=step / {steps})
        time.sleep({pause})
        {then}
        if writer.stop_requested:
            writer.update(RunState.STOPPING)
            break
"""


@pytest.fixture
def stub(monkeypatch, tmp_path):
    """Put a quick process in the place of the training."""

    def install(steps=3, pause=0.0, then="pass", draws=False):
        script = tmp_path / "ptygui_stub.py"
        script.write_text(STUB.format(steps=steps, pause=pause, then=then))
        monkeypatch.setattr(training, "COMMAND", (sys.executable, str(script)))
        monkeypatch.setattr("ptygui.jobs.study.POLL_S", 0.02)
        if not draws:  # it takes longer than all the rest
            monkeypatch.setattr("ptygui.train.study_figure.figure_bytes", lambda *_: b"drawn elsewhere")

    return install


@pytest.fixture
def study_file(tmp_path):
    def write(at_once=2, change=("", "")):
        path = tmp_path / "tiny.toml"
        path.write_text(STUDY.format(at_once=at_once).replace(*change))
        return path

    return write


@pytest.fixture
def pressing(monkeypatch):
    """Send a signal once the study shows that something trains: pressing("SIGINT")."""

    def install(name, times=1):
        follow = StudyRunner.follow
        left = [times]

        def press(runner):
            for progress in follow(runner):
                yield progress
                if any("step" in words for words in progress.running) and left[0]:
                    left[0] -= 1
                    signal.raise_signal(getattr(signal, name))

        monkeypatch.setattr(StudyRunner, "follow", press)

    return install


def sittings(folder):
    return {path.parent.name: path.read_text().split("\n")[:-1] for path in folder.glob("*/sittings")}


def states(folder):
    return {
        path.name: str(status.state)
        for path in sorted(folder.iterdir())
        if path.is_dir() and (status := RunReader(path).poll().status) is not None
    }


ALL = {"one-s0", "one-s1", "two-s0", "two-s1"}


def test_a_study_becomes_runs_a_table_and_a_figure(ptygui, stub, study_file, tmp_path):
    stub(draws=True)
    result = ptygui("study", study_file(), "--folder", tmp_path / "studies")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "studies" / "tiny"
    assert states(folder) == dict.fromkeys(ALL, "done")
    assert "4 of 4 runs are over, 0 of them dead." in result.stdout
    assert str(folder / "table.md") in result.stdout
    assert {"study.toml", "table.csv", "table.md", "figure.png"} <= {path.name for path in folder.iterdir()}
    assert (folder / "table.csv").read_text().count("done") == 4
    assert "one, seed 1: done." in result.stderr
    assert all(read_cost(folder / name).cpu_s > 0 for name in ALL)


def test_studies_lie_beside_the_user_s_runs_by_default(ptygui, stub, study_file, home):
    stub()
    assert ptygui("study", study_file()).exit_code == 0
    assert (home / ".local" / "share" / "ptygui" / "runs" / "studies" / "tiny" / "table.csv").is_file()


@pytest.mark.parametrize(("at_once", "given", "threads"), [(2, (), "1"), (1, (), "7"), (1, ("-j", 2), "1")])
def test_side_by_side_each_run_has_one_thread(
    ptygui, stub, study_file, tmp_path, monkeypatch, at_once, given, threads
):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    stub()
    assert ptygui("study", study_file(at_once), "--folder", tmp_path / "s", *given).exit_code == 0
    assert sittings(tmp_path / "s" / "tiny") == {name: [f"1 {threads}"] for name in ALL}


def test_a_study_says_how_many_threads_a_run_has(ptygui, stub, study_file, tmp_path):
    stub()
    file = study_file(change=("at_once = 2", "threads = 3"))
    assert ptygui("study", file, "--folder", tmp_path / "s").exit_code == 0
    assert sittings(tmp_path / "s" / "tiny") == {name: ["1 3"] for name in ALL}


def test_ctrl_c_stops_all_runs_and_the_same_command_goes_on(ptygui, stub, study_file, tmp_path, pressing):
    stub(steps=3000, pause=0.002)
    pressing("SIGINT")
    folder = tmp_path / "s" / "tiny"
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 130, result.output
    assert "0 of 4 runs are over" in result.stdout
    assert f"Go on with: ptygui study {tmp_path / 'tiny.toml'} --folder {tmp_path / 's'}" in result.stdout
    assert states(folder) == {"one-s0": "stopped", "two-s0": "stopped"}
    assert (folder / "table.csv").read_text().count("stopped") == 2

    stub(steps=5, pause=0)
    before = {name: read_cost(folder / name).wall_s for name in ("one-s0", "two-s0")}
    steps = RunReader(folder / "one-s0").poll().status.step
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert states(folder) == dict.fromkeys(ALL, "done")
    assert sittings(folder)["one-s0"] == ["1 1", f"{steps + 1} 1"]
    assert sittings(folder)["one-s1"] == ["1 1"]
    assert all(read_cost(folder / name).wall_s > wall_s for name, wall_s in before.items())


def test_what_is_done_is_not_done_again(ptygui, stub, study_file, tmp_path):
    stub()
    ptygui("study", study_file(), "--folder", tmp_path / "s")
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0
    assert sittings(tmp_path / "s" / "tiny") == {name: ["1 1"] for name in ALL}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_an_ending_session_stops_all_runs(ptygui, stub, study_file, tmp_path, pressing, name):
    stub(steps=3000, pause=0.002)
    pressing(name, times=2)
    assert ptygui("study", study_file(), "--folder", tmp_path / "s").exit_code == 130
    assert set(states(tmp_path / "s" / "tiny").values()) == {"stopped"}


def test_the_second_ctrl_c_ends_the_processes(ptygui, stub, study_file, tmp_path, pressing, monkeypatch):
    stub(steps=100_000, pause=0.002, then="writer.paths.stop.unlink(missing_ok=True)")
    pressing("SIGINT", times=2)
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 130
    assert set(states(tmp_path / "s" / "tiny").values()) <= {"starting", "running"}  # it could not say more
    assert "Interrupted" in result.stderr


def test_a_failed_run_is_told_counted_and_left_alone_until_it_is_retried(ptygui, stub, study_file, tmp_path):
    stub(then="assert 'one-s0' not in str(run) or step == 1, 'the probe is empty'")
    folder = tmp_path / "s" / "tiny"
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    assert "one, seed 0: failed: AssertionError: the probe is empty" in result.stderr
    assert "--retry-failed" in result.stderr
    assert "4 of 4 runs are over" in result.stdout
    assert states(folder) == {**dict.fromkeys(ALL, "done"), "one-s0": "failed"}
    assert "one, seed 0: failed: AssertionError" in (folder / "table.md").read_text()

    stub()
    assert ptygui("study", study_file(), "--folder", tmp_path / "s").exit_code == 1
    assert states(folder)["one-s0"] == "failed"
    assert ptygui("study", study_file(), "--folder", tmp_path / "s", "--retry-failed").exit_code == 0
    assert states(folder) == dict.fromkeys(ALL, "done")
    assert len(sittings(folder)["one-s0"]) == 2
    assert len(sittings(folder)["two-s0"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_run_that_is_killed_is_told_and_the_others_go_on(ptygui, stub, study_file, tmp_path):
    stub(then="'two-s1' in str(run) and step == 2 and os.kill(os.getpid(), signal.SIGKILL)")
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    assert "two, seed 1: was killed from outside (signal 9)" in result.stderr
    assert "3 of 4 runs are over" in result.stdout
    stub()
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert "4 of 4 runs are over" in result.stdout


@pytest.fixture
def orphan(stub, study_file, tmp_path):
    """A run, one-s0, whose runner was killed; at its first step it waits for the file `go`."""
    stub(then="while 'one-s0' in str(run) and not (run.parent / 'go').exists(): time.sleep(0.01)")
    study, folder = open_study(study_file(), tmp_path / "s")
    process = StudyProcess.start(plan(study)[0], folder, None)
    while not sittings(folder):
        assert process.training.process.poll() is None
        time.sleep(0.01)
    yield process
    process.training.process.kill()
    process.training.process.wait()


def once_seen_elsewhere(monkeypatch, act):
    follow, left = StudyRunner.follow, [act]

    def watched(runner):
        for progress in follow(runner):
            yield progress
            if left and any("(started elsewhere)" in words for words in progress.running):
                left.pop()(runner)

    monkeypatch.setattr(StudyRunner, "follow", watched)


def test_a_run_whose_runner_was_killed_is_waited_for(ptygui, orphan, study_file, tmp_path, monkeypatch):
    folder = tmp_path / "s" / "tiny"
    once_seen_elsewhere(monkeypatch, lambda _: (folder / "go").touch())
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert "one, seed 0: done elsewhere." in result.stderr
    assert "4 of 4 runs are over" in result.stdout
    assert {name: len(sat) for name, sat in sittings(folder).items()} == dict.fromkeys(ALL, 1)
    assert (folder / "table.csv").read_text().count("done") == 4


def test_a_run_that_is_lost_elsewhere_goes_on_here(ptygui, orphan, study_file, tmp_path, monkeypatch):
    folder = tmp_path / "s" / "tiny"

    def lose(_):
        orphan.training.process.kill()
        (folder / "go").touch()

    once_seen_elsewhere(monkeypatch, lose)
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0, result.output
    assert "one, seed 0: was lost elsewhere; it goes on here." in result.stderr
    assert states(folder) == dict.fromkeys(ALL, "done")
    assert len(sittings(folder)["one-s0"]) == 2


def test_a_run_that_is_elsewhere_is_stopped_too(ptygui, orphan, study_file, tmp_path, monkeypatch):
    folder = tmp_path / "s" / "tiny"

    def stop(runner):
        runner.stop()
        (folder / "go").touch()

    once_seen_elsewhere(monkeypatch, stop)
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 130, result.output
    assert states(folder)["one-s0"] == "stopped"


def test_a_process_that_cannot_even_start_is_told(ptygui, stub, study_file, tmp_path, monkeypatch):
    stub()
    monkeypatch.setattr(training, "COMMAND", (sys.executable, "-c", "import sys; sys.exit('no torch here')"))
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    assert "one, seed 0: failed: no torch here (exit code 1)" in result.stderr
    assert "0 of 4 runs are over" in result.stdout


def test_another_study_of_that_name_is_refused(ptygui, stub, study_file, tmp_path):
    stub()
    ptygui("study", study_file(), "--folder", tmp_path / "s")
    result = ptygui("study", study_file(change=("steps = 4", "steps = 5")), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    assert "holds another study called 'tiny'" in result.stderr


def test_a_study_may_be_told_in_other_words(ptygui, stub, study_file, tmp_path):
    stub()
    open_study(study_file(), tmp_path / "s")
    file = study_file(1, change=('title = "Two tiny networks"', 'title = "Two"  # networks'))
    assert ptygui("study", file, "--folder", tmp_path / "s").exit_code == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"hybrid"', '"foo"'), ["arm 'two'", "no generator 'foo'"]),
        (("width = 2", "breadth = 2"), ["arm 'one'", "`breadth`"]),
        (("steps = 4", 'device = "cuda:99"'), ["arm 'one'", "no device 'cuda:99'"]),
        (("steps = 4", "stepz = 4"), ["arm 'one'", "`stepz`"]),
    ],
)
def test_what_cannot_be_trained_leaves_no_study_behind(ptygui, study_file, tmp_path, change, words):
    result = ptygui("study", study_file(change=change), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    for word in ("tiny.toml", *words):
        assert word in result.stderr
    assert not (tmp_path / "s").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_sentence(ptygui, study_file, tmp_path):
    tmp_path.chmod(0o500)
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    tmp_path.chmod(0o700)
    assert result.exit_code == 1
    assert "no study can be kept here" in result.stderr


def test_a_file_in_the_place_of_the_folder_is_a_sentence(ptygui, stub, study_file, tmp_path):
    (tmp_path / "s").write_text("")
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 1
    assert "no study can be kept here" in result.stderr


@pytest.mark.slow
def test_a_real_study_trains_and_compares(ptygui, study_file, tmp_path):
    result = ptygui("study", study_file(), "--folder", tmp_path / "s")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "s" / "tiny"
    header, *rows = (folder / "table.csv").read_text().splitlines()
    assert len(rows) == 4
    for column in ("best.raw.r1", "final.polished.amplitude_ssim", "final.loss"):
        assert column in header
    assert all((folder / name / "bundle.safetensors").is_file() for name in ALL)
    assert RunPaths(folder / "one-s0").preview(4).is_file()
