"""Training in the real window, with real clicks; the runs are written by the test, and watched for real."""

from __future__ import annotations

from pathlib import Path

import pytest
from gui.fakes import make_scan
from gui.hands import click, is_idle, open_star, run_to_the_end
from PySide6.QtCore import Qt

from ptygui.core.errors import ConfigError
from ptygui.generators.contract import FitSentence
from ptygui.gui import training_desk
from ptygui.gui.dialogs import train_dialog
from ptygui.gui.dialogs.train_dialog import TrainDialog
from ptygui.gui.widgets import numbers
from ptygui.runs.layout import RunState
from ptygui.train.config import MeasuredScan, SimulatedFamily, SimulatedLines, load_config


def open_dialog(qtbot, window) -> TrainDialog:
    open_star(qtbot, window)
    click(qtbot, window.path.generator.train_button)
    return the_dialog(qtbot, window)


def the_dialog(qtbot, window) -> TrainDialog:
    found = lambda: [one for one in window.findChildren(TrainDialog) if one.isVisible()]  # noqa: E731
    qtbot.waitUntil(lambda: len(found()) == 1)
    dialog = found()[0]
    said = lambda: dialog.summary.text + dialog.problem.text  # noqa: E731
    qtbot.waitUntil(lambda: "steps in" in said() or "memory" in said(), timeout=60_000)
    return dialog


@pytest.fixture
def dialog(qtbot, window) -> TrainDialog:
    return open_dialog(qtbot, window)


@pytest.fixture
def run(qtbot, dialog, window, backend) -> Path:
    """A run that was started from the dialog."""
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.writers))
    (path,) = backend.training.writers
    qtbot.waitUntil(lambda: window.presenter.training.chosen is not None)
    return path


def state(window) -> str:
    return window.centre.training.runs.state.text


def drawn(window) -> dict[str, int]:
    """How many points of the validation residual are drawn of each run."""
    return {
        one.name: len(one.series["val", "raw.r1"].step) if ("val", "raw.r1") in one.series else 0
        for one in window.presenter.training.drawn
    }


def test_the_button_waits_for_a_scan(qtbot, window):
    button = window.path.generator.train_button
    assert not button.isEnabled()
    assert "Open a scan" in button.toolTip()
    assert not window.menus.train_action.isEnabled()
    open_star(qtbot, window)
    assert button.isEnabled()
    assert window.menus.train_action.isEnabled()


def test_training_is_advised_where_no_generator_fits(qtbot, window, backend):
    backend.fit = (FitSentence("problem", "Made for 64 × 64, the scan has 16 × 16."),)
    window.presenter.open_file(Path("/data/star.npz"))
    qtbot.waitUntil(lambda: "Train on this scan" in window.path.generator.advice.text)
    assert window.path.generator.train_button.isEnabled()


def test_the_dialog_says_what_it_would_take(qtbot, dialog, backend):
    space = numbers.SPACE
    assert "star: 12 patterns of 16 × 16" in dialog.subject.text()
    assert dialog.form.name.text() == "stable_hybrid-star"
    assert dialog.form.sizes.currentText() == "medium"
    assert dialog.form.device.currentText() == "cpu"
    assert dialog.summary.text == (
        f"1.78{space}M parameters · 256{space}MiB of memory · "
        f"about 0.15{space}s a step: some 2000 steps in 5{space}min"
    )
    dialog.form.budget.setValue(10)
    assert f"some 4000 steps in 10{space}min" in dialog.summary.text
    assert len(backend.training.estimates) == 1
    dialog.form.sizes.setCurrentText("large")
    qtbot.waitUntil(lambda: f"512{space}MiB" in dialog.summary.text)
    assert backend.training.estimates[-1].generator_config == {"width": 16}


def test_too_little_memory_is_said_before_it_starts(qtbot, window, backend):
    backend.training.free_bytes = 1 << 20
    dialog = open_dialog(qtbot, window)
    assert "Not enough memory on cpu" in dialog.summary.text
    assert "1.0" in dialog.summary.text


def test_what_is_wrong_is_said_while_it_is_typed(qtbot, dialog):
    dialog.form.name.clear()
    assert dialog.problem.text == "Name must not be empty."
    assert not dialog.start_button.isEnabled()
    qtbot.keyClicks(dialog.form.name, "better")
    assert dialog.problem.text == ""
    assert dialog.start_button.isEnabled()
    click(qtbot, dialog.all_button)
    dialog.settings.controls["clip_limit"].setValue(0.0)
    assert dialog.problem.text == "Clip limit must be more than 0."


@pytest.mark.parametrize(
    ("unit", "value", "steps", "minutes"),
    [("minutes", 2.5, 1_000_000, 2.5), ("steps", 300, 300, None), ("epochs", 20, 20, None)],
)
def test_the_budget_is_minutes_epochs_or_steps(qtbot, dialog, backend, unit, value, steps, minutes):
    dialog.form.unit.setCurrentText(unit)
    dialog.form.unit.activated.emit(dialog.form.unit.currentIndex())
    dialog.form.budget.setValue(value)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.started))
    (config,) = backend.training.started
    assert (config.steps, config.minutes) == (steps, minutes)  # 12 patterns, 12 in a neighbourhood


def test_start_trains_as_the_dialog_says(qtbot, dialog, window, backend, settings):
    dialog.form.generator.setCurrentText("cnn")
    dialog.form.sizes.setCurrentText("small")
    dialog.form.neighbourhood.setValue(5)
    click(qtbot, dialog.all_button)
    dialog.settings.controls["schedule"].setCurrentText("plateau")
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.started))
    (config,) = backend.training.started
    assert (config.generator, config.generator_config) == ("cnn", {"width": 4})
    assert (config.neighbourhood, config.schedule, config.minutes) == (5, "plateau", 5.0)
    assert config.data == MeasuredScan(path="/data/star.npz")
    assert config.probe_epochs == 20
    qtbot.waitUntil(lambda: window.presenter.training.chosen is not None)
    assert window.centre.tabs.currentWidget() is window.centre.training
    assert not window.bottom.isVisible()
    click(qtbot, window.centre.training.runs.new_button)
    again = the_dialog(qtbot, window)
    assert (again.form.generator.currentText(), again.form.sizes.currentText()) == ("cnn", "small")


def test_a_refusal_keeps_the_dialog_open(qtbot, dialog, backend):
    backend.training.failure = ConfigError("The scan cannot be read: it was moved.")
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "it was moved" in dialog.problem.text)
    assert dialog.isVisible()
    assert dialog.start_button.isEnabled()


def test_settings_go_to_a_file_and_come_back(qtbot, dialog, monkeypatch, tmp_path):
    path = tmp_path / "mine.toml"
    monkeypatch.setattr(train_dialog.QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(train_dialog.QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    dialog.form.neighbourhood.setValue(7)
    click(qtbot, dialog.save_button)
    qtbot.waitUntil(path.exists)
    assert load_config(path).neighbourhood == 7
    dialog.form.neighbourhood.setValue(3)
    dialog.form.name.setText("other")
    click(qtbot, dialog.load_button)
    qtbot.waitUntil(lambda: dialog.form.neighbourhood.value() == 7)
    assert dialog.form.name.text() == "stable_hybrid-star"
    path.write_text("steps = 'many'")
    click(qtbot, dialog.load_button)
    qtbot.waitUntil(lambda: "no training configuration" in dialog.problem.text)


def test_simulated_objects_can_be_trained_on(qtbot, window, backend):
    window.trainings.train_on_simulated()
    dialog = the_dialog(qtbot, window)
    assert dialog.windowTitle() == "Train on simulated objects"
    dialog.simulation.controls["scans"].setValue(3)
    assert dialog.form.values(dialog.settings.values())["name"]
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.started))
    assert backend.training.started[0].data == SimulatedLines(scans=3)


def test_many_kinds_of_objects_can_be_simulated(qtbot, window, backend):
    window.trainings.train_on_simulated()
    dialog = the_dialog(qtbot, window)
    dialog.form.kind.setCurrentIndex(1)
    dialog.form.kind.textActivated.emit(dialog.form.kind.currentText())
    dialog.simulation.controls["pattern_px"].setValue(32)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: bool(backend.training.started))
    assert backend.training.started[0].data == SimulatedFamily(pattern_px=32)


def test_curves_and_picture_get_better_together(qtbot, window, backend, run):
    training = backend.training
    training.advance(run, 10, r1=0.3)
    qtbot.waitUntil(lambda: drawn(window) == {run.name: 1})
    qtbot.waitUntil(lambda: "step 10" in caption(window))
    training.advance(run, 20, r1=0.2)
    qtbot.waitUntil(lambda: drawn(window) == {run.name: 2})
    qtbot.waitUntil(lambda: "step 20" in caption(window))
    assert state(window) == "Step 20"


def caption(window) -> str:
    return window.centre.training.preview.view.line.caption.text()


def test_stop_and_resume(qtbot, window, backend, run):
    backend.training.advance(run, 10)
    runs = window.centre.training.runs
    qtbot.waitUntil(runs.stop_button.isEnabled)
    click(qtbot, runs.stop_button)
    qtbot.waitUntil((run / "stop").exists)
    backend.training.end(run, RunState.STOPPED, "Stopped at step 10")
    qtbot.waitUntil(lambda: state(window) == "Stopped at step 10")
    qtbot.waitUntil(runs.resume_button.isVisible)
    click(qtbot, runs.resume_button)
    qtbot.waitUntil(lambda: ("resume", run) in backend.training.done)
    qtbot.waitUntil(runs.stop_button.isEnabled)


def test_the_generator_of_a_run_is_used_while_it_trains(qtbot, window, backend, run):
    backend.training.advance(run, 10)
    (run / "bundle.safetensors").write_bytes(b"weights")
    runs = window.centre.training.runs
    qtbot.waitUntil(runs.use_button.isEnabled)
    click(qtbot, runs.use_button)
    qtbot.waitUntil(lambda: window.presenter.generator.entry.path == run / "bundle.safetensors")
    qtbot.waitUntil(lambda: window.presenter.run.can_start)
    click(qtbot, window.path.go.start_button)
    qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)
    assert backend.requests[0].generator == run / "bundle.safetensors"
    assert window.centre.tabs.currentWidget() is window.centre.object
    assert window.bottom.isVisible()


def test_a_run_that_ends_is_in_the_log_and_its_generator_is_looked_for(qtbot, window, backend, run):
    backend.training.advance(run, 10)
    qtbot.waitUntil(lambda: drawn(window) == {run.name: 1})
    looked = []
    catalogue = backend.read_catalogue
    backend.read_catalogue = lambda: looked.append(1) or catalogue()
    backend.training.end(run)
    qtbot.waitUntil(lambda: bool(looked))
    assert any("done" in line for line in window.bottom.log.lines)


def test_closing_ends_nothing_and_the_next_window_finds_it(qtbot, make_window, backend, settings):
    window = make_window()
    run = backend.training.begin_run("long")
    backend.training.advance(run, 10)
    window.close()
    assert window.all_threads_ended
    assert not (run / "stop").exists()
    backend.training.advance(run, 20)
    again = make_window(backend, settings)
    again.show_training_tab()
    qtbot.waitUntil(lambda: drawn(again) == {"long": 2})
    assert state(again) == "Step 20"


def test_three_runs_are_overlaid_and_why_one_died_is_said(qtbot, window, backend):
    training = backend.training
    for name in ("first", "second", "third"):
        training.advance(training.begin_run(name), 10)
    dead = training.folder / "second"
    training.writers[dead].health(10, "dead", {"alive": 0.0}, "Block 2 is off: lower the rate.")
    training.end(dead, RunState.FAILED, "It died three times.")
    window.show_training_tab()
    qtbot.waitUntil(lambda: len(window.centre.training.runs.list.model().rows) >= 3)
    for path in list(training.writers):
        window.centre.training.run_overlaid.emit(path, True)
    window.centre.training.run_overlaid.emit(dead, True)
    qtbot.waitUntil(lambda: drawn(window) == {"first": 1, "second": 1, "third": 1})
    window.centre.training.run_chosen.emit(dead)
    qtbot.waitUntil(lambda: state(window).startswith("It died three times."))
    assert "Block 2 is off" in state(window)


def test_another_folder_is_watched_and_remembered(
    qtbot, make_window, backend, settings, monkeypatch, tmp_path
):
    elsewhere = tmp_path / "shared" / "lightning_logs" / "version_0"
    elsewhere.mkdir(parents=True)
    (elsewhere / "metrics.csv").write_text("epoch,step,train_loss,val_loss\n0,1,0.5,\n0,2,,0.4\n")
    chosen = str(tmp_path / "shared")
    monkeypatch.setattr(training_desk.QFileDialog, "getExistingDirectory", lambda *_: chosen)
    window = make_window()
    window.trainings.ask_for_folder()
    qtbot.waitUntil(lambda: window.presenter.training.chosen is not None)
    assert window.presenter.training.chosen.condition == "watched"
    assert not window.centre.training.runs.stop_button.isEnabled()
    window.close()
    again = make_window(backend, settings)
    qtbot.waitUntil(lambda: again.presenter.training.chosen is not None)
    again.menus._list_watched()
    (forget,) = again.menus.unwatch_menu.actions()
    forget.trigger()
    qtbot.waitUntil(lambda: again.presenter.training.folders == [])


def test_curves_are_exported(qtbot, window, backend, run, monkeypatch, tmp_path):
    backend.training.advance(run, 10, r1=0.25)
    qtbot.waitUntil(lambda: drawn(window) == {run.name: 1})
    for kind in ("csv", "png", "svg"):
        path = tmp_path / f"out.{kind}"
        monkeypatch.setattr(training_desk.QFileDialog, "getSaveFileName", lambda *_, to=path: (str(to), ""))
        window.centre.training.export_wanted.emit(kind)
        qtbot.waitUntil(path.exists)
    assert f"{run.name},val,raw.r1,10," in (tmp_path / "out.csv").read_text()
    assert sum("Wrote" in line for line in window.bottom.log.lines) >= 2


def test_the_folder_is_opened_in_the_desktop(qtbot, window, run, monkeypatch):
    opened = []
    monkeypatch.setattr(training_desk.QDesktopServices, "openUrl", opened.append)
    window.centre.training.folder_requested.emit()
    assert [url.toLocalFile() for url in opened] == [str(run)]


def test_rename_and_bin(qtbot, window, backend, run):
    backend.training.end(run)
    runs = window.centre.training.runs
    qtbot.waitUntil(lambda: runs.actions_by_name["bin"].isEnabled())
    window.centre.training.rename_requested.emit(run, "better")
    qtbot.waitUntil(lambda: window.presenter.training.chosen.name == "better")
    runs.actions_by_name["bin"].trigger()
    qtbot.waitUntil(lambda: not run.exists())
    qtbot.waitUntil(lambda: window.presenter.training.chosen is None)
    assert any("better is in the bin" in line for line in window.bottom.log.lines)


def test_a_reconstruction_and_a_training_go_on_beside_each_other(qtbot, window, backend, run):
    backend.training.advance(run, 10)
    window.centre.tabs.setCurrentWidget(window.centre.object)
    run_to_the_end(qtbot, window)
    backend.training.advance(run, 20)
    window.show_training_tab()
    qtbot.waitUntil(lambda: drawn(window) == {run.name: 2})


def test_the_keyboard_opens_the_dialog(qtbot, window, backend):
    backend.scans["other.npz"] = make_scan("other")
    open_star(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    the_dialog(qtbot, window).reject()


def test_the_dialog_is_as_high_as_it_takes(qtbot, window, backend):
    backend.training.seconds_per_step = 15.9
    dialog = open_dialog(qtbot, window)
    label = dialog.summary._text
    lines = lambda: label.heightForWidth(label.width()) // label.fontMetrics().lineSpacing()  # noqa: E731
    qtbot.waitUntil(lambda: lines() >= 2 and dialog.summary.height() >= label.heightForWidth(label.width()))
    low = dialog.height()
    assert low - dialog.minimumSizeHint().height() < 10
    click(qtbot, dialog.all_button)
    qtbot.waitUntil(lambda: dialog.height() > low + 100)
    click(qtbot, dialog.all_button)
    qtbot.waitUntil(lambda: dialog.height() == low)


def test_a_name_that_begins_with_the_architecture_follows_it(qtbot, dialog):
    dialog.form.generator.setCurrentText("cnn")
    assert dialog.form.name.text() == "cnn-star"
    dialog.form.name.setText("mine")
    dialog.form.generator.setCurrentText("stable_hybrid")
    assert dialog.form.name.text() == "mine"


def test_closing_the_window_closes_the_dialog(qtbot, dialog, window):
    window.close()
    assert not dialog.isVisible()
    assert window.all_threads_ended


def test_the_figure_of_a_study_is_opened_or_said_to_be_missing(qtbot, window, backend, monkeypatch):
    opened = []
    monkeypatch.setattr(training_desk.QDesktopServices, "openUrl", opened.append)
    run = backend.training.begin_run("old-s0", beneath="studies/stress")
    backend.training.advance(run, 10)
    window.show_training_tab()
    qtbot.waitUntil(lambda: window.presenter.training.chosen is not None)
    window.centre.training.figure_requested.emit()
    assert opened == []
    assert "no figure yet" in window.banner.message.text
    (run.parent / "figure.png").touch()
    window.centre.training.figure_requested.emit()
    assert [url.toLocalFile() for url in opened] == [str(run.parent / "figure.png")]
