"""Who may import whom, and what a newcomer's `import ptygui` must not drag in."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("torch", "lightning", "PySide6", "pyqtgraph", "matplotlib")
EMIT = """
import sys
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    sent = Signal(bool)

received = []
sender = Sender()
sender.sent.connect(received.append)
for _ in range(5_000):
    sender.sent.emit(True)
sys.exit(received.count(True) != 5_000)
"""


def fresh(code: str, *arguments: str) -> str:
    """Run code in a new interpreter, warnings being errors; return what it prints."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def loaded_by(module: str) -> set[str]:
    """Return which of the heavy libraries an import loads."""
    code = f"import {module}, sys, json; print(json.dumps([m for m in {LIBRARIES} if m in sys.modules]))"
    return set(json.loads(fresh(code).splitlines()[-1]))


def modules(*packages: str) -> list[str]:
    """Name every module of these sub-packages."""
    paths = (path for package in packages for path in (ROOT / "ptygui" / package).rglob("*.py"))
    dotted = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return sorted(name.removesuffix(".__init__") for name in dotted)


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_importing_ptygui_loads_neither_torch_nor_qt() -> None:
    assert loaded_by("ptygui") == set()


def test_importing_the_window_does_not_load_torch() -> None:
    assert not loaded_by("ptygui.gui.app") & {"torch", "lightning"}


def test_the_command_line_answers_without_torch_and_qt() -> None:
    assert not loaded_by("ptygui.cli") & {"torch", "lightning", "PySide6", "pyqtgraph"}


def test_the_door_to_torch_opens_late() -> None:
    assert not loaded_by("ptygui.jobs.api, ptygui.jobs.devices, ptygui.generators.contract") & {
        "torch", "lightning", "PySide6",
    }  # fmt: skip


def test_core_files_and_runs_need_no_torch_and_no_qt() -> None:
    assert not loaded_by(", ".join(modules("core", "io", "runs"))) & {"torch", "lightning", "PySide6"}


def test_presenters_need_no_qt() -> None:
    assert not loaded_by(", ".join(modules("gui/presenters"))) & {"PySide6", "pyqtgraph", "torch"}


OFFLINE = """
import importlib, socket, sys

def refuse(*args, **kwargs):
    raise AssertionError("an import asks the network")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_no_import_asks_the_network() -> None:
    fresh(OFFLINE, *(name for name in modules("") if not name.endswith("__main__")))


def test_five_thousand_signals_survive() -> None:
    fresh(EMIT)


@pytest.mark.parametrize(
    ("python", "version", "allowed"),
    [
        ("3.11", "6.12.0", False), ("3.11", "6.11.3", True), ("3.11", "6.12.1", True),
        ("3.12", "6.12.0", True), ("3.13", "6.12.0", True),
    ],
)  # fmt: skip
def test_the_qt_that_aborts_the_interpreter_is_excluded(python: str, version: str, allowed: bool) -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    qt = [
        requirement
        for requirement in map(Requirement, dependencies)
        if requirement.name == "PySide6-Essentials"
        and (requirement.marker is None or requirement.marker.evaluate(environment))
    ]
    assert len(qt) == 1
    assert qt[0].specifier.contains(version) is allowed


def test_the_pins_fit_the_ranges() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    pins = {_key(pin.name): pin for line in lines if not line.startswith("#") and (pin := Requirement(line))}
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, wanted):
        version = next(iter(pins[_key(requirement.name)].specifier)).version
        assert requirement.specifier.contains(version), f"{requirement} is pinned to {version}"
    assert str(pins["torch"].specifier) == "==2.13.0"


def _key(name: str) -> str:
    return name.lower().replace("_", "-")
