"""What holds for every test: nobody's home, settings or screen is touched, and nothing is left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["leaks"]
settings.register_profile("ptygui", deadline=None)  # a busy machine is no failure
settings.load_profile("ptygui")

# Before Qt, matplotlib or an OpenMP library is loaded.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", str(min(2, os.cpu_count() or 1)))
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait starve the others
os.environ["MPLBACKEND"] = "Agg"

HOMES = {
    "HOME": ".",
    "USERPROFILE": ".",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}


def pytest_configure(config: pytest.Config) -> None:
    """Keep matplotlib's font cache with pytest's own: building it takes seconds."""
    cache = getattr(config, "cache", None)  # absent with -p no:cacheprovider
    if cache is not None:
        os.environ["MPLCONFIGDIR"] = str(cache.mkdir("matplotlib"))


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home for the test: settings, data and caches written by it go here."""
    directory = tmp_path_factory.mktemp("home")
    for variable, place in HOMES.items():
        monkeypatch.setenv(variable, str(directory / place))
    if (core := sys.modules.get("PySide6.QtCore")) is not None:
        # QSettings remembers the environment of its first use.
        for kind in (core.QSettings.Format.NativeFormat, core.QSettings.Format.IniFormat):
            core.QSettings.setPath(kind, core.QSettings.Scope.UserScope, str(directory / ".config"))
    return directory


@pytest.fixture(autouse=True)
def denormal_numbers() -> Iterator[None]:
    """Count again after a test that computed with torch, which flushes them: hypothesis cannot do without."""
    yield
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the measured data of others; the test is skipped where there is none."""
    folder = os.environ.get("PTYGUI_REAL_DATA")
    if not folder:
        pytest.skip("PTYGUI_REAL_DATA is not set: no measured data here (see CONTRIBUTING.md)")
    path = Path(folder).resolve()
    if not path.is_dir():
        pytest.fail(f"PTYGUI_REAL_DATA names {path}, which is no folder.")
    return path
