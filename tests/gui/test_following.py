"""The real window on files that another process is writing."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from child_writer import writer
from gui.fake_training import FakeTraining
from gui.fakes import FakeBackend, N
from gui.hands import click, drop, is_idle
from PySide6.QtCore import QRectF

from ptygui.core.mapping import Mapping
from ptygui.core.raw import RawScan
from ptygui.gui.backend import LocalBackend
from ptygui.gui.main_window import MainWindow
from ptygui.gui.presenters import following
from ptygui.gui.widgets.object_view import ObjectView
from ptygui.io import registry


class DiskBackend(FakeBackend):
    """Opens real files; runs and generators are made up."""

    def open_raw(self, path: Path, mapping: Mapping | None = None) -> RawScan:
        assert self.door.wait(10)
        return registry.open_raw(path, mapping=mapping)


@pytest.fixture
def backend(tmp_path):
    made = DiskBackend(FakeTraining(tmp_path / "runs"))
    yield made
    made.training.close()


@pytest.fixture
def window(make_window, monkeypatch) -> MainWindow:
    """One that looks at files often."""
    monkeypatch.setattr(following, "LOOK_EVERY_S", 0.05)
    made = make_window()
    made.resize(1280, 800)
    made.scans.begin(20)
    return made


def open_it(qtbot, window: MainWindow, path: Path) -> None:
    drop(window, path)
    qtbot.waitUntil(lambda: window.presenter.scan.scan is not None and window.presenter.run.can_start)


def sentence(window: MainWindow) -> str:
    watch = window.path.scan.watch
    return watch.sentence.text() if watch.isVisible() else ""


def zoom_in_and_lock(picture: ObjectView) -> tuple[QRectF, tuple[float, float]]:
    """Do what the wheel and a drag of a bar do."""
    view, bar = picture.panes.amplitude.view, picture.panes.amplitude.bar
    view.setRange(QRectF(2, 2, 5, 5), padding=0)
    view.sigRangeChangedManually.emit([True, True])
    bar.set_levels((0.5, 0.75))
    bar.levels_dragged.emit(*bar.levels)
    return view.viewRect(), bar.levels


def facts(window: MainWindow) -> list[str]:
    return [row[1] for row in window.presenter.scan.latest.rows]


@pytest.mark.parametrize("mode", ["plain", "swmr"])
def test_a_file_that_grows_is_told_and_read_again_with_a_click(qtbot, window, tmp_path, mode):
    path, watch = tmp_path / "scan.h5", window.path.scan.watch
    with writer(path, mode, "scan") as writing:
        writing.add(12)
        open_it(qtbot, window, path)
        assert sentence(window) == ""
        window.presenter.patterns.show(7)
        qtbot.waitUntil(lambda: window.pattern_view.pattern.box.value() == 7)
        writing.add(4)
        qtbot.waitUntil(lambda: sentence(window).endswith("12 → 16 patterns."))
        assert len(window.presenter.scan.scan) == 12
        click(qtbot, watch.read_button)
        qtbot.waitUntil(lambda: len(window.presenter.scan.scan) == 16)
        qtbot.waitUntil(lambda: sentence(window) == "")
        assert "16 of 8 × 8\u202fpx" in facts(window)
        qtbot.waitUntil(lambda: window.pattern_view.pattern.box.maximum() == 15)
        assert window.pattern_view.pattern.box.value() == 7
    assert any("4 patterns came, 16 in all" in line for line in window.bottom.log.lines)


def test_a_scan_is_followed_and_reconstructed_anew_while_it_is_measured(qtbot, window, backend, tmp_path):
    path, watch, results = tmp_path / "scan.h5", window.path.scan.watch, window.presenter.results
    with writer(path, "swmr", "scan") as writing:
        writing.add(12)
        open_it(qtbot, window, path)
        writing.add(4)
        qtbot.waitUntil(lambda: watch.follow_switch.isVisible())
        click(qtbot, watch.follow_switch)
        qtbot.waitUntil(lambda: sentence(window).startswith("Following: 16 patterns, last written"))
        assert window.menus.follow_action.isChecked()
        assert not watch.read_button.isVisible()
        assert backend.requests == []  # nobody has pressed Reconstruct yet

        qtbot.waitUntil(lambda: window.path.go.start_button.isEnabled())
        click(qtbot, window.path.go.start_button)
        qtbot.waitUntil(lambda: is_idle(window) and results.shown is not None)
        picture = window.object_view.view
        part, levels = zoom_in_and_lock(picture)
        for n in (20, 24):
            writing.add(4)
            qtbot.waitUntil(lambda n=n: is_idle(window) and len(backend.requests[-1].scan) == n)
        assert "Reconstructed anew each time." in sentence(window)
        assert sum("The tensors are on" in line for line in window.bottom.log.lines) == 1  # not each time
        assert len(results.shelf.kept) == 2  # the user's own, and the latest of those made by themselves
        qtbot.waitUntil(lambda: results.shown is results.shelf.kept[-1].result)
        assert picture.panes.amplitude.view.viewRect() == part
        assert picture.panes.amplitude.bar.levels == levels

        click(qtbot, watch.follow_switch)
        assert not window.menus.follow_action.isChecked()
        writing.add(4)
        qtbot.waitUntil(lambda: sentence(window).endswith("24 → 28 patterns."))
        assert len(window.presenter.scan.scan) == 24
        assert len(backend.requests) == 3


def test_a_run_is_not_interrupted_and_the_picture_stays(qtbot, window, backend, tmp_path):
    path, watch = tmp_path / "scan.h5", window.path.scan.watch
    with writer(path, "plain", "scan") as writing:
        writing.add(12)
        open_it(qtbot, window, path)
        window.menus.follow_action.trigger()
        assert watch.follow_switch.isChecked()
        click(qtbot, window.path.go.start_button)
        qtbot.waitUntil(lambda: is_idle(window) and window.presenter.results.shown is not None)
        backend.gate.clear()
        writing.add(4)
        qtbot.waitUntil(lambda: len(backend.requests) == 2)
        shown = window.object_view.view.line.caption.text()
        assert shown.startswith(("reconstructing anew", "raw network pass so far"))
        writing.add(4)
        qtbot.waitUntil(lambda: sentence(window).endswith("Read after this run."))
        assert len(window.presenter.scan.scan) == 16
        window.presenter.run.cancel()
        backend.gate.set()
        qtbot.waitUntil(lambda: len(window.presenter.scan.scan) == 20)
        assert len(backend.requests) == 2  # what the user has cancelled does not begin again
        assert "before it was read again" in window.object_view.view.line.caption.text()


def test_a_folder_of_frames_and_a_file_that_is_replaced(qtbot, window, tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for n in range(12):
        tifffile.imwrite(folder / f"frame_{n:04}.tif", np.ones((N, N), "u2"))
    drop(window, folder)
    qtbot.waitUntil(lambda: window.presenter.scan.lacking)
    tifffile.imwrite(folder / "frame_0012.tif", np.ones((N, N), "u2"))
    qtbot.waitUntil(lambda: sentence(window).endswith("12 → 13 patterns."))
    path = tmp_path / "scan.npz"
    write_npz(path, 12)
    open_it(qtbot, window, path)
    assert sentence(window) == ""
    write_npz(tmp_path / "new.npz", 16)
    os.replace(tmp_path / "new.npz", path)  # noqa: PTH105
    qtbot.waitUntil(lambda: "Changed on disk since" in sentence(window))
    path.unlink()
    qtbot.waitUntil(lambda: sentence(window) == "scan.npz is no longer there; the open scan stays.")
    assert len(window.presenter.scan.scan) == 12


def test_the_real_backend_counts_where_that_is_cheap(tmp_path):
    backend = LocalBackend()
    write_npz(tmp_path / "scan.npz", 12)
    assert backend.patterns_now(tmp_path / "scan.npz", None) is None
    with writer(tmp_path / "scan.h5", "swmr", "scan") as writing:
        writing.add(3)
        assert backend.patterns_now(tmp_path / "scan.h5", None) == 3
        writing.add(2)
        assert backend.patterns_now(tmp_path / "scan.h5", None) == 5
    backend.close()


def write_npz(path: Path, n: int) -> None:
    """A scan as PtychoPINN keeps it."""
    y, x = np.divmod(np.arange(n, dtype=np.float64), 4)
    probe = np.ones((N, N), np.complex64)
    np.savez(
        path,
        diff3d=np.ones((n, N, N), np.float32),
        xcoords=4 * x,
        ycoords=4 * y,
        probeGuess=probe,
        objectGuess=np.ones((64, 64), np.complex64),
    )
