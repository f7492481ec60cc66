"""The real window on a fake backend, with settings of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.fake_training import FakeTraining
from gui.fakes import FakeBackend
from PySide6.QtCore import QCoreApplication, QEvent

from ptygui.gui.main_window import MainWindow
from ptygui.gui.settings import Settings

LOADING_MS = 60_000
"""The real backend loads torch first."""
MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[FakeBackend]:
    made = FakeBackend(FakeTraining(tmp_path / "runs"))
    yield made
    made.training.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "window.ini")


@pytest.fixture
def make_window(qtbot, backend: FakeBackend, settings: Settings) -> Iterator[MakeWindow]:
    """Make windows that are shown and ready, and that are closed and deleted after the test."""
    made: list[MainWindow] = []

    def make(behind: FakeBackend = backend, remembered: Settings = settings) -> MainWindow:
        window = MainWindow(behind, remembered, lambda: Path("/data/star.npz"))
        made.append(window)
        window.show()
        window.begin()
        presenter = window.presenter
        ready = lambda: presenter.device.device is not None and presenter.generator.entry is not None  # noqa: E731
        qtbot.waitUntil(ready, timeout=LOADING_MS)
        return window

    yield make
    for window in made:
        window.close_without_asking()
        assert window.all_threads_ended
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    made = make_window()
    made.resize(1280, 800)
    return made
