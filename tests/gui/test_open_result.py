"""Results that lie in files: opened in the real window, on a fake backend; and once all of it for real."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from gui.fakes import N, made_of, make_refined, make_scan
from gui.hands import click, drop, is_idle, open_star, refine_to_the_end
from PySide6.QtWidgets import QFileDialog

from ptygui.core.events import Reconstruction
from ptygui.core.scan import Scan
from ptygui.core.simulate import lines_scan
from ptygui.gui.backend import LocalBackend
from ptygui.gui.dialogs.export_dialog import ExportDialog
from ptygui.gui.presenters.file_presenter import how_to_refine
from ptygui.io.writers.product import write_product
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import api
from ptygui.jobs.api import RefineConfig

FILE = Path("/data/star_refined.npz")
REFINED = Reconstruction((make_refined(),), "star")


@pytest.fixture
def result_file(backend) -> Path:
    """A refined result of the star, whose scan is there."""
    backend.results[FILE.name] = made_of(backend.scans["star.npz"], REFINED)
    return FILE


def make_lines() -> Scan:
    """A tiny scan that can be refined for real."""
    return lines_scan(32, object_px=70, step_px=12.0, photons_per_pattern=1e6, seed=5)


def caption(window) -> str:
    return window.centre.object.view.line.caption.text()


def start_words(window) -> str:
    return window.path.go.refine_row.start_words.text()


def is_shown(window, name: str = FILE.name) -> bool:
    return caption(window).startswith(name) and not window.presenter.files.busy


def test_a_dropped_result_brings_its_scan_and_is_refined_on(qtbot, window, backend, result_file):
    drop(window, result_file)
    assert window.status_line.activity.text() == "Opening star_refined.npz…"
    qtbot.waitUntil(lambda: is_shown(window))
    assert window.path.scan.name.text() == "star"
    assert caption(window).startswith("star_refined.npz · refined, 10 epochs")
    assert start_words(window) == "from refined"
    assert window.status_line.activity.text() == "Ready"
    assert window.presenter.results.closing_question() is None
    (entry,) = window.menus.results_menu.actions()
    assert entry.text().startswith("star_refined.npz")
    assert "not exported" not in entry.text()
    qtbot.waitUntil(lambda: window.path.go.refine_button.isEnabled())
    refine_to_the_end(qtbot, window)
    assert backend.refinements[0].start is backend.results[FILE.name]
    assert backend.refinements[0].start_stage == "refined"
    assert "star" in window.presenter.results.closing_question()


def test_a_result_of_the_open_scan_does_not_open_it_again(qtbot, window, backend, result_file):
    open_star(qtbot, window)
    scan = window.presenter.scan.scan
    backend.scans["star.npz"] = make_scan()
    window.show_prepare_tab()
    drop(window, result_file)
    qtbot.waitUntil(lambda: is_shown(window))
    assert window.centre.tabs.currentWidget() is window.centre.object
    assert window.presenter.scan.scan is scan
    assert start_words(window) == "from refined"


def test_the_scan_of_a_result_takes_the_place_of_another_one(qtbot, window, backend, result_file):
    backend.scans["other.npz"] = make_scan("other", brightness=2)
    window.presenter.open_file(Path("/data/other.npz"))
    qtbot.waitUntil(lambda: window.path.scan.name.text() == "other")
    drop(window, result_file)
    qtbot.waitUntil(lambda: is_shown(window))
    assert window.path.scan.name.text() == "star"
    assert start_words(window) == "from refined"


def test_without_its_scan_it_is_shown_alone_and_the_log_says_how_to_go_on(
    qtbot, window, backend, result_file
):
    star = backend.scans.pop("star.npz")
    drop(window, result_file)
    qtbot.waitUntil(lambda: is_shown(window))
    assert window.presenter.scan.scan is None
    assert not window.path.go.refine_button.isEnabled()
    assert window.path.go.export_button.isEnabled()
    log = "\n".join(window.bottom.log.lines)
    assert "star_refined.npz is shown alone: open the scan /data/star.npz to refine it." in log
    backend.scans["moved.npz"] = replace(star, metadata=replace(star.metadata, path="/new/moved.npz"))
    window.presenter.open_file(Path("/new/moved.npz"))
    qtbot.waitUntil(lambda: window.path.go.refine_button.isEnabled())
    assert is_shown(window)
    assert start_words(window) == "from refined"


def test_others_results_are_of_a_scan_that_they_fit(qtbot, window, backend):
    backend.results["theirs.h5"] = REFINED
    drop(window, Path("/data/theirs.h5"))
    qtbot.waitUntil(lambda: is_shown(window, "theirs.h5"))
    open_star(qtbot, window)
    assert is_shown(window, "theirs.h5")
    assert start_words(window) == "from refined"
    backend.scans["small.npz"] = make_scan("small", n=8)
    window.presenter.open_file(Path("/data/small.npz"))
    qtbot.waitUntil(lambda: window.path.scan.name.text() == "small")
    assert start_words(window) == "from flat"


def test_a_scan_and_its_result_can_be_given_together(qtbot, window, backend):
    backend.results["theirs.h5"] = REFINED
    backend.door.clear()
    window.presenter.open_file(Path("/data/star.npz"))
    window.presenter.open_file(Path("/data/theirs.h5"))
    qtbot.waitUntil(lambda: not window.presenter.files.busy)
    assert window.presenter.results.shown is None
    backend.door.set()
    qtbot.waitUntil(lambda: is_shown(window, "theirs.h5"))
    assert start_words(window) == "from refined"


def test_a_scan_that_cannot_be_opened_still_leaves_the_result(qtbot, window, backend, result_file):
    star = backend.scans["star.npz"]
    backend.results[FILE.name] = made_of(
        replace(star, metadata=replace(star.metadata, path="/data/star.npz")), REFINED
    )
    backend.door.clear()
    drop(window, result_file)
    qtbot.waitUntil(lambda: window.presenter.scan.opening)
    backend.scans.clear()
    backend.door.set()
    qtbot.waitUntil(lambda: is_shown(window))
    assert "does not exist" in window.banner.message.text


def test_a_result_of_a_scan_that_has_changed_says_so():
    words = how_to_refine("star_refined.npz", {"scan_path": "/data/star.npz"}, make_scan())
    assert "has changed since" in words
    assert "that it was made of" in how_to_refine("theirs.h5", {}, None)


def test_the_menu_asks_for_a_result(qtbot, window, backend, result_file, monkeypatch):
    answers = iter([("", ""), (str(FILE), ""), ("/data/star.npz", "")])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: next(answers))
    actions = (action for menu in window.menus.actions() for action in menu.menu().actions())
    action = next(action for action in actions if action.text().replace("&", "") == "Open result…")
    assert action.shortcut().toString() == "Ctrl+Shift+O"
    action.trigger()
    assert not window.presenter.files.busy
    action.trigger()
    qtbot.waitUntil(lambda: is_shown(window))
    action.trigger()
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.message.text == "star.npz is no result."
    assert is_shown(window)


def test_no_result_is_opened_during_a_run(qtbot, window, backend, result_file):
    backend.gate.clear()
    open_star(qtbot, window)
    click(qtbot, window.path.go.start_button)
    window.presenter.open_result(result_file)
    assert "running" in window.banner.message.text
    assert not window.presenter.files.busy
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(window))


def test_what_a_file_is(tmp_path):
    path = tmp_path / "lines.npz"
    write_ptychopinn(make_lines(), path)
    assert api.what_is(path) == "scan"
    assert api.what_is(tmp_path / "missing.npz") == "scan"
    assert api.what_is(tmp_path / "lines.safetensors") == "generator"
    request = api.ExportRequest(REFINED, "refined", tmp_path, "mine", ("npz",))
    (mine,) = (path for path in api.export(request) if path.suffix == ".npz")
    assert api.what_is(mine) == "result"
    assert api.open_result(mine).scan_path is None


def test_the_scan_of_a_result_may_be_a_folder(tmp_path):
    recipe = {"scan_path": str(tmp_path)}
    request = api.ExportRequest(replace(REFINED, recipe=recipe), "refined", tmp_path, "mine", ("npz",))
    (mine,) = (path for path in api.export(request) if path.suffix == ".npz")
    assert api.open_result(mine).scan_path == tmp_path


def test_a_product_is_a_result_unless_patterns_lie_beside_it(tmp_path):
    stage = REFINED.best
    stage = replace(stage, image=replace(stage.image, pixel_size_m=(2e-8, 2e-8)))
    theirs = tmp_path / "lines_para.h5"
    write_product(theirs, REFINED, stage, "made elsewhere")
    assert api.what_is(theirs) == "result"
    with h5py.File(tmp_path / "lines_dp.h5", "w") as file:
        file["dp"] = np.ones((12, N, N), np.float32)
    assert api.what_is(theirs) == "scan"


def test_refined_exported_opened_and_refined_again_for_real(qtbot, make_window, settings, tmp_path):
    path = tmp_path / "lines.npz"
    write_ptychopinn(make_lines(), path)
    first = make_window(LocalBackend(), settings)
    first.presenter.refine.take(RefineConfig(epochs=2, half_scan=False))
    drop(first, path)
    qtbot.waitUntil(lambda: first.path.go.refine_button.isEnabled(), timeout=60_000)
    refine_to_the_end(qtbot, first)
    click(qtbot, first.path.go.export_button)
    dialog = first.findChild(ExportDialog)
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.formats["npz"].setChecked(True)
    click(qtbot, dialog.export_button)
    qtbot.waitUntil(lambda: "Wrote" in dialog.outcome.text)
    dialog.close()
    exported = first.presenter.results.shown
    first.close()

    again = make_window(LocalBackend(), settings)
    (file,) = (tmp_path / "out").glob("*.npz")
    drop(again, file)
    qtbot.waitUntil(lambda: is_shown(again, file.name), timeout=60_000)
    assert again.presenter.scan.scan.metadata.path == str(path)
    assert start_words(again) == "from refined"
    np.testing.assert_array_equal(again.presenter.results.shown.best.probe, exported.best.probe)
    qtbot.waitUntil(lambda: again.path.go.refine_button.isEnabled())
    refine_to_the_end(qtbot, again)
    refined = again.presenter.results.shown.best
    assert refined.residual.r1 < exported.best.residual.r1
