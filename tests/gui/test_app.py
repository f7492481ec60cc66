"""Starting, failing and ending: what a user and a shell see of the application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMessageBox

from ptygui import resources
from ptygui.core.errors import PtyguiError, ScanError
from ptygui.gui.app import run_demo
from ptygui.gui.excepthook import ExceptionHook
from ptygui.gui.settings import Settings

HEAVY = ("torch", "scipy", "h5py", "hdf5plugin", "skimage", "matplotlib", "lightning")


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_the_window_starts_without_what_is_slow_to_load() -> None:
    done = python(f"import sys, ptygui.gui.app; print([m for m in {HEAVY} if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_closing_while_torch_still_loads_ends_with_exit_code_0(home: Path) -> None:
    script = """
import sys
from PySide6.QtCore import QTimer
from ptygui.gui import app
qt = app.make_application()
QTimer.singleShot(300, qt.closeAllWindows)
sys.exit(app.main([]))
"""
    done = python(script)
    assert done.returncode == 0, done.stderr
    assert "Destroyed" not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_nobody_caught_is_shown_once_with_details(qtbot, window) -> None:
    hook = ExceptionHook(window)
    hook.install()
    try:
        for _ in range(3):
            sys.excepthook(ZeroDivisionError, ZeroDivisionError("of all things"), None)
        qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    finally:
        hook.remove()
    (box,) = window.findChildren(QMessageBox)
    assert "of all things" in box.text()
    copy = next(button for button in box.buttons() if button.text() == "Copy details")
    copy.click()
    assert "ZeroDivisionError" in QGuiApplication.clipboard().text()
    assert sum("of all things" in line for line in window.bottom.log.lines) == 3
    box.close()
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))


def test_a_sentence_that_nobody_caught_is_still_a_sentence(qtbot, window) -> None:
    hook = ExceptionHook(window)
    hook.install()
    try:
        sys.excepthook(ScanError, ScanError("The scan is gone."), None)
        qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    finally:
        hook.remove()
    (box,) = window.findChildren(QMessageBox)
    assert box.text() == "The scan is gone."
    box.close()
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))


def test_the_demo_that_cannot_start_says_why(qtbot, tmp_path: Path) -> None:
    with pytest.raises(PtyguiError, match=r"nothing\.npz"):
        run_demo(tmp_path / "nothing.npz", resources.shipped_generators()[0], tmp_path)


def test_the_demo_reconstructs_and_refines_in_the_real_window(qtbot, tmp_path: Path) -> None:
    bundles = resources.shipped_generators()
    assert bundles, "no trained generator is shipped"
    result = run_demo(resources.demo_scan_path(), bundles[0], tmp_path)
    assert result is not None
    assert [stage.stage for stage in result.stages] == ["raw", "polished", "refined"]
    picture = QImage(str(tmp_path / "window.png"))
    assert picture.width() >= 1280
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, 600, 7)}
    assert len(colours) > 200, "the picture of the window shows no object"


def test_the_demo_leaves_the_settings_of_the_user_alone(qtbot, tmp_path: Path, home: Path) -> None:
    with pytest.raises(PtyguiError):
        run_demo(tmp_path / "nothing.npz", tmp_path / "nothing.safetensors", tmp_path)
    assert not list(home.rglob("window.ini"))


def test_settings_survive_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    path.write_text(
        "[General]\ntheme=purple\npolish_steps=many\nrecent_scans=@Invalid()\n[state]\nwindow=7\n"
    )
    settings = Settings(path)
    assert settings.theme == "system"
    assert settings.polish_steps is None
    assert settings.recent_scans == []
    assert settings.state("window") is None


def test_recent_scans_are_few_and_newest_first(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "window.ini")
    for number in [*range(12), 5]:
        settings.add_recent_scan(Path(f"/data/{number}.npz"))
    names = [path.stem for path in settings.recent_scans]
    assert names[:3] == ["5", "11", "10"]
    assert len(names) == len(set(names)) == 8


def test_the_timer_of_the_memory_ends_with_the_window(qtbot, window) -> None:
    window.close_without_asking()
    assert not any(timer.isActive() for timer in window.status_line.findChildren(QTimer))
