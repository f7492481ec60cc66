"""`ptygui runs` and `ptygui watch`: runs as text."""

import json
import shutil

from ptygui.cli.watch import PAUSE_S, News
from ptygui.runs.layout import MetricRow, RunInfo, RunState
from ptygui.runs.pulse import Health
from ptygui.runs.reader import RunUpdate
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


def rows(*found):
    return RunUpdate(
        Health.ALIVE,
        None,
        rows=[MetricRow(step, 0.0, split, name, value) for step, split, name, value in found],
    )


def test_of_a_log_without_looks_the_latest_step_is_said_now_and_then():
    now_s = [0.0]
    news = News(training_too=True, clock=lambda: now_s[0])
    assert list(news.lines(rows((1, "train", "loss", 0.5), (2, "train", "loss", 0.2)))) == [
        "step 2: loss 0.2"
    ]
    now_s[0] = PAUSE_S - 0.1
    assert list(news.lines(rows((3, "train", "loss", 0.1)))) == []
    now_s[0] = PAUSE_S
    assert list(news.lines(rows())) == ["step 3: loss 0.1"]
    assert list(news.lines(rows())) == []
    now_s[0] = 3 * PAUSE_S
    assert list(news.lines(rows())) == []  # nothing is new
    looked = list(news.lines(rows((4, "train", "loss", 0.1), (4, "val", "loss", 0.15))))
    assert looked == ["step 4: loss 0.15"]
    assert list(news.lines(rows((5, "train", "loss", 0.1)))) == []  # from now on there are looks


def test_of_ours_no_steps_are_said():
    assert list(News(training_too=False).lines(rows((1, "train", "loss", 0.5)))) == []


def test_another_program_s_log_without_validation_is_watched(ptygui, tmp_path, monkeypatch):
    folder = tmp_path / "lightning_logs"
    folder.mkdir()
    (folder / "metrics.csv").write_text("epoch,step,train_loss\n0,9,0.5\n0,19,0.25\n")
    monkeypatch.setattr("time.sleep", lambda _: shutil.rmtree(folder))
    result = ptygui("watch", folder)
    assert "step 19: loss 0.25" in result.stdout
    assert "The run is gone." in result.stdout


def test_what_cannot_be_watched_is_a_sentence(ptygui, tmp_path):
    result = ptygui("watch", tmp_path)
    assert result.exit_code == 1
    assert "nothing that can be watched" in result.stderr
