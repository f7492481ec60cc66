"""The fixtures can fail: each kind of leak is made on purpose, in a pytest of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

LEAKING = """
import threading
import pytest
from PySide6.QtCore import QObject, QRunnable, QThread, QThreadPool, QTimer, Signal
from PySide6.QtWidgets import QDialog

release = threading.Event()
kept = []

@pytest.fixture(autouse=True, scope="module")
def end():
    yield
    release.set()
    for thing in kept:
        if isinstance(thing, QThread):
            thread_ended = thing.wait()

class Sender(QObject):
    sent = Signal()

def broken():
    raise RuntimeError("in a slot")

def test_slot(qapp):
    sender = Sender()
    sender.sent.connect(broken)
    sender.sent.emit()

def test_python_thread():
    threading.Thread(target=release.wait, name="forgotten", daemon=True).start()

class Waiting(QThread):
    def run(self):
        release.wait()

def test_qt_thread(qapp):
    kept.append(Waiting())
    kept[-1].start()

def test_pool(qapp):
    kept.append(QThreadPool())
    kept[-1].start(release.wait)

def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(10_000)

def test_window(qapp):
    kept.append(QDialog())
    kept[-1].show()

def test_nothing_is_blamed_for_the_others(qapp):
    QTimer().start(10)

def test_what_ends_in_time_is_no_leak(qtbot):
    threading.Timer(0.05, int).start()
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    timer = QTimer(dialog)
    timer.start(10)
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest prints about tests that leak."""
    folder = tmp_path_factory.mktemp("leaking")
    (folder / "test_leaking.py").write_text(LEAKING)
    (folder / "conftest.py").write_text("import leaks\nleaks.GRACE_S = 0.2\npytest_plugins = ['leaks']\n")
    (folder / "pytest.ini").write_text("[pytest]\nqt_api = pyside6\n")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("test", "sentence"),
    [
        ("test_python_thread", r"thread forgotten still runs, started at \S*test_leaking\.py:\d+"),
        ("test_qt_thread", r"Waiting still runs, made at \S*test_leaking\.py:\d+"),
        ("test_pool", r"QThreadPool still has tasks, made at \S*test_leaking\.py:\d+"),
        ("test_timer", r"QTimer is still active, made at \S*test_leaking\.py:\d+"),
        ("test_window", r"QDialog is still open, shown at \S*test_leaking\.py:\d+"),
    ],
)
def test_a_leak_fails_its_test_and_says_who(outcome: str, test: str, sentence: str) -> None:
    assert re.search(sentence, outcome)
    assert f"ERROR test_leaking.py::{test}" in outcome


def test_an_exception_in_a_slot_fails_its_test(outcome: str) -> None:
    assert "FAILED test_leaking.py::test_slot" in outcome
    assert "RuntimeError: in a slot" in outcome


def test_only_the_leaking_tests_fail(outcome: str) -> None:
    assert len(re.findall(r"^ERROR ", outcome, re.M)) == 5
    assert "PASSED test_leaking.py::test_what_ends_in_time_is_no_leak" in outcome
    assert "PASSED test_leaking.py::test_nothing_is_blamed_for_the_others" in outcome
