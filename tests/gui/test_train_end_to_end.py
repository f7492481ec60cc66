"""The whole of it: a scan is opened, a real process trains on it, the window is closed in between and opened
again, the generator so far is used, and a picture is reconstructed with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gui.hands import click, is_idle
from gui.test_training import the_dialog

from ptygui.core.simulate import lines_scan
from ptygui.gui.backend import LocalBackend
from ptygui.gui.main_window import MainWindow
from ptygui.jobs.training_runs import RunSummary, RunsWatch

PATIENCE_MS = 60_000
"""Starting the process loads torch and Lightning."""


@pytest.fixture
def scan_file(tmp_path: Path) -> Path:
    """A small scan on disk."""
    scan = lines_scan(16, object_px=60, step_px=5.0, photons_per_pattern=1e6, seed=1)
    path = tmp_path / "lines.npz"
    y, x = scan.positions_px.T
    patterns = np.sqrt(scan.patterns.read(np.arange(len(scan))))
    np.savez(path, diff3d=patterns, xcoords=x, ycoords=y, probeGuess=scan.probe[0])
    return path


@pytest.fixture
def no_process_left() -> Iterator[None]:
    """Stop what a failing test leaves, and wait for its end."""
    yield
    from ptygui.jobs.training_runs import stop_training

    watch = RunsWatch()
    alive = {"starting", "running", "stopping"}
    while found := [run for run in watch.poll(()).runs if run.condition in alive]:
        for run in found:
            stop_training(run.path)


def open_scan(qtbot, window: MainWindow, path: Path) -> None:
    window.presenter.open_file(path)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None, timeout=PATIENCE_MS)


def name_of(run: RunSummary | None) -> str:
    return "" if run is None else run.name


@pytest.mark.slow
def test_from_a_scan_to_a_picture_by_a_generator_trained_on_it(
    qtbot, make_window, settings, scan_file, no_process_left
):
    window = make_window(LocalBackend(), settings)
    open_scan(qtbot, window, scan_file)
    click(qtbot, window.path.generator.train_button)
    dialog = the_dialog(qtbot, window)
    assert "parameters" in dialog.summary.text
    dialog.form.name.setText("mine")
    dialog.form.generator.setCurrentText("cnn")
    dialog.form.sizes.setCurrentText("small")
    dialog.form.budget.setValue(10)
    dialog.settings.controls["validate_every"].setValue(5)
    dialog.settings.controls["probe_epochs"].setValue(1)
    assert dialog.problem.text == ""
    click(qtbot, dialog.start_button)
    training = window.presenter.training
    qtbot.waitUntil(lambda: name_of(training.chosen) == "mine", timeout=PATIENCE_MS)
    run = training.chosen.path
    window.close()
    assert window.all_threads_ended

    again = make_window(LocalBackend(), settings)
    open_scan(qtbot, again, scan_file)
    again.show_training_tab()
    tab, training = again.centre.training, again.presenter.training

    def looks() -> int:
        curves = [one.series.get(("val", "raw.r1")) for one in training.drawn if one.key == run]
        return len(curves[0].step) if curves and curves[0] is not None else 0

    qtbot.waitUntil(lambda: looks() >= 2, timeout=PATIENCE_MS)
    seen = looks()
    qtbot.waitUntil(lambda: looks() > seen, timeout=PATIENCE_MS)  # points come while one watches
    qtbot.waitUntil(lambda: "mine · step" in tab.preview.view.line.caption.text())
    qtbot.waitUntil(tab.runs.use_button.isEnabled, timeout=PATIENCE_MS)
    click(qtbot, tab.runs.use_button)
    generator = again.presenter.generator
    qtbot.waitUntil(lambda: generator.entry is not None and generator.entry.path.parent == run)
    qtbot.waitUntil(lambda: again.presenter.run.can_start, timeout=PATIENCE_MS)
    assert training.chosen.condition == "running"
    click(qtbot, again.path.go.start_button)
    results = again.presenter.results
    qtbot.waitUntil(lambda: is_idle(again) and results.shown is not None, timeout=PATIENCE_MS)
    assert results.shown.scan_name == "lines"

    again.show_training_tab()
    click(qtbot, tab.runs.stop_button)
    qtbot.waitUntil(lambda: training.chosen.condition == "stopped", timeout=PATIENCE_MS)
    assert any("Training mine: stopped" in line for line in again.bottom.log.lines)
    names = [entry.card.name for entry in generator._entries]
    assert "mine" in names
