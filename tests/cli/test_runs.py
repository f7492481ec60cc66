"""`ptygui runs` and `ptygui watch`: runs as text."""

import json

from ptygui.runs.layout import RunInfo, RunState
from ptygui.runs.writer import RunWriter


def make(folder, state=RunState.DONE):
    folder.mkdir(parents=True)
    writer = RunWriter.create(folder, RunInfo.now(kind="training", name="mine", generator="cnn"), "")
    writer.metrics(4, "val", {"raw.r1": 0.25})
    writer.log("Wrote it.")
    writer.update(RunState.RUNNING, step=4, best=0.25, progress=0.5, message="Half way")
    writer.close(state)
    return folder


def test_no_run_is_said_to_be_none(ptygui):
    assert "There is no run yet" in ptygui("runs").stdout


def test_runs_are_listed(ptygui, tmp_path):
    run = make(tmp_path / "runs" / "a", RunState.FAILED)
    text = ptygui("runs", "--runs", tmp_path / "runs").stdout
    assert "mine  (failed, 50%, just now, canvas residual R1 0.2500, cnn)" in text
    assert str(run) in text
    assert "Half way" in text


def test_runs_elsewhere_are_listed_as_json(ptygui, tmp_path):
    run = make(tmp_path / "shared" / "a")
    (found,) = json.loads(ptygui("runs", tmp_path / "shared", "--json").stdout)["runs"]
    assert (found["path"], found["condition"], found["best"]) == (str(run), "done", 0.25)


def test_a_run_is_watched_to_its_end(ptygui, tmp_path):
    result = ptygui("watch", make(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    assert "step 4: raw.r1 0.25" in result.stdout
    assert "Wrote it." in result.stdout
    assert "The run is done: Half way" in result.stdout


def test_what_cannot_be_watched_is_a_sentence(ptygui, tmp_path):
    result = ptygui("watch", tmp_path)
    assert result.exit_code == 1
    assert "nothing that can be watched" in result.stderr
