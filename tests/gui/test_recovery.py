"""What a crash left, offered in the real window: on a fake backend, and after a real kill."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from gui.fakes import made_of, make_refined
from gui.hands import click, is_idle, open_star, refine_to_the_end

from ptygui.core.events import JobControl, Reconstruction
from ptygui.core.simulate import lines_scan
from ptygui.gui.backend import LocalBackend
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import recovery
from ptygui.jobs.api import RefineConfig, RefineRequest, open_scan
from ptygui.jobs.recovery import Leftover


def leave(backend, name: str, at: datetime) -> Path:
    path = Path(f"/recovery/{name}.npz")
    backend.leftovers.append(Leftover(path, name, at))
    result = Reconstruction((make_refined(epochs=7),), "star")
    backend.results[path.name] = made_of(backend.scans["star.npz"], result)
    return path


@pytest.fixture
def today() -> datetime:
    return datetime.now().replace(hour=0, minute=1)


@pytest.fixture
def offering(qtbot, make_window, backend, today):
    """A window that offers what was kept of two refinements."""
    leave(backend, "older", today - timedelta(days=400))
    leave(backend, "siemens-star-small", today)
    window = make_window()
    window.resize(1280, 800)
    qtbot.waitUntil(window.recovery_view.isVisible)
    return window


def caption(window) -> str:
    return window.centre.object.view.line.caption.text()


def test_a_start_after_a_good_end_offers_nothing(window):
    assert not window.recovery_view.isVisible()


def test_what_was_left_is_offered_and_opened(qtbot, offering, backend):
    bar = offering.recovery_view
    assert bar.message.text == (
        "A refinement of siemens-star-small was cut off at 00:01; what it had reached was kept. "
        "So was 1 older one."
    )
    click(qtbot, bar.open_button)
    qtbot.waitUntil(lambda: caption(offering).startswith("siemens-star-small, cut off at 00:01 · refined, 7"))
    assert offering.path.scan.name.text() == "star"
    assert offering.path.go.refine_row.start_words.text() == "from refined"
    assert offering.presenter.results.closing_question() is None
    assert backend.forgotten == []
    assert bar.isVisible()
    assert bar.message.text.startswith("A refinement of older was cut off on ")


def test_it_is_discarded_only_when_told(qtbot, offering, backend):
    bar = offering.recovery_view
    click(qtbot, bar.discard_button)
    qtbot.waitUntil(lambda: backend.forgotten == [Path("/recovery/siemens-star-small.npz")])
    click(qtbot, bar.discard_button)
    qtbot.waitUntil(lambda: len(backend.forgotten) == 2)
    assert not bar.isVisible()


def test_it_can_wait(qtbot, offering, backend):
    click(qtbot, offering.recovery_view.later_button)
    assert not offering.recovery_view.isVisible()
    assert backend.forgotten == []


def test_it_is_not_opened_during_a_run(qtbot, offering, backend):
    open_star(qtbot, offering)
    backend.gate.clear()
    click(qtbot, offering.path.go.start_button)
    assert offering.recovery_view.isVisible()
    assert not offering.recovery_view.open_button.isEnabled()
    backend.gate.set()
    qtbot.waitUntil(lambda: is_idle(offering))
    assert offering.recovery_view.open_button.isEnabled()


def test_a_file_that_went_meanwhile_is_a_sentence(qtbot, offering, backend):
    backend.results.clear()
    click(qtbot, offering.recovery_view.open_button)
    qtbot.waitUntil(offering.banner.isVisible)
    assert "no result" in offering.banner.message.text


@pytest.fixture
def scan_file(tmp_path) -> Path:
    path = tmp_path / "lines.npz"
    write_ptychopinn(lines_scan(32, object_px=70, step_px=12.0, photons_per_pattern=1e6, seed=5), path)
    return path


KILLED = """
import os, signal, sys
from pathlib import Path
from ptygui.core.events import JobControl
from ptygui.gui.backend import LocalBackend
from ptygui.io import result_files
from ptygui.jobs.api import RefineConfig, RefineRequest, open_scan
from ptygui.reconstruct.refine import run
write = result_files.write_checkpoint
def killed(path, result):
    write(path, result)
    os.kill(os.getpid(), signal.SIGKILL)
result_files.write_checkpoint = killed
run.KEEP_INTERVAL_S = -1.0
backend = LocalBackend()
request = RefineRequest(open_scan(Path(sys.argv[1])), config=RefineConfig(epochs=3))
list(backend.refine(request, JobControl()))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_after_a_real_kill_the_next_window_goes_on(qtbot, make_window, settings, scan_file):
    command = [sys.executable, "-c", KILLED, str(scan_file)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode < 0, done.stderr
    window = make_window(LocalBackend(), settings)
    qtbot.waitUntil(window.recovery_view.isVisible)
    assert "A refinement of lines32 seed 5 was cut off" in window.recovery_view.message.text
    click(qtbot, window.recovery_view.open_button)
    qtbot.waitUntil(lambda: "lines32 seed 5, cut off" in caption(window), timeout=60_000)
    assert window.path.go.refine_row.start_words.text() == "from refined"
    window.presenter.refine.take(RefineConfig(epochs=2, half_scan=False))
    qtbot.waitUntil(lambda: window.path.go.refine_button.isEnabled())
    refine_to_the_end(qtbot, window)
    assert window.presenter.results.shown.best.steps >= 2
    assert len(list(recovery.folder().glob("lines32 seed 5@*"))) == 1  # nobody said that it may go


def test_the_backend_keeps_what_a_refinement_reaches_while_it_runs(scan_file, monkeypatch):
    monkeypatch.setattr("ptygui.reconstruct.refine.run.KEEP_INTERVAL_S", -1.0)
    backend = LocalBackend()
    config = RefineConfig(epochs=2, half_scan=False)
    events = backend.refine(RefineRequest(open_scan(scan_file), config=config), JobControl())
    seen = [len(list(recovery.folder().glob("*.npz"))) for _ in events]
    assert max(seen) == 1
    assert seen[-1] == 1
    assert list(recovery.folder().iterdir()) == []


@pytest.mark.parametrize("cancel", [False, True])
def test_closing_the_window_keeps_what_a_refinement_reached_and_cancelling_does_not(
    qtbot, make_window, settings, scan_file, monkeypatch, cancel
):
    monkeypatch.setattr("ptygui.reconstruct.refine.run.KEEP_INTERVAL_S", -1.0)
    window = make_window(LocalBackend(), settings)
    window.presenter.open_file(scan_file)
    window.presenter.refine.take(RefineConfig(epochs=10_000, half_scan=False))
    qtbot.waitUntil(lambda: window.path.go.refine_button.isEnabled(), timeout=60_000)
    click(qtbot, window.path.go.refine_button)
    qtbot.waitUntil(lambda: bool(list(recovery.folder().glob("*.npz"))), timeout=60_000)
    if cancel:
        click(qtbot, window.path.go.cancel_button)
    assert window.close()
    assert window.all_threads_ended
    assert len(list(recovery.folder().iterdir())) == (0 if cancel else 1)
