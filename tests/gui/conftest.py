"""The real window on a fake backend, with settings of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fakes import FakeBackend

from ptygui.gui.main_window import MainWindow
from ptygui.gui.settings import Settings


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "window.ini")


@pytest.fixture
def window(qtbot, backend: FakeBackend, settings: Settings) -> Iterator[MainWindow]:
    made = MainWindow(backend, settings, lambda: Path("/data/star.npz"))
    made.resize(1280, 800)
    made.show()
    made.begin()
    qtbot.waitUntil(lambda: made.presenter.device.device is not None and bool(made.presenter.generator.entry))
    yield made
    for kept in made.presenter.results.shelf.kept:
        kept.exported = True
    assert made.close()
    made.deleteLater()
