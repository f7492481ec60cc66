"""Nothing of the user's is touched: settings and data of a test go to a home of its own."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import QSettings


@pytest.mark.parametrize("turn", [1, 2])
def test_settings_are_empty_and_lie_in_the_tests_home(home: Path, turn: int) -> None:
    settings = QSettings("ptygui", "test")
    assert settings.value("turn") is None
    settings.setValue("turn", turn)
    settings.sync()
    assert Path(settings.fileName()).is_relative_to(home)
    assert Path(settings.fileName()).exists()


def test_folders_for_data_lie_in_the_tests_home(home: Path) -> None:
    for folder in (platformdirs.user_data_dir(), platformdirs.user_config_dir(), Path.home()):
        assert Path(folder).is_relative_to(home)
