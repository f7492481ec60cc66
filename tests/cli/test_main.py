import subprocess
import sys

import pytest

import ptygui as package


def test_help_names_every_command(ptygui):
    result = ptygui("--help")
    assert result.exit_code == 0
    commands = ("gui", "demo", "reconstruct", "refine", "train", "info", "generators", "devices", "doctor")
    for command in commands:
        assert f"  {command} " in result.output
        assert ptygui(command, "--help").exit_code == 0


def test_version(ptygui):
    assert package.__version__ in ptygui("--version").output


def test_wrong_usage_is_2(ptygui):
    assert ptygui("reconstruct").exit_code == 2
    assert ptygui("no-such-command").exit_code == 2


def test_help_loads_nothing_heavy():
    code = (
        "import sys, ptygui.cli; "
        "print([n for n in ('torch', 'PySide6', 'h5py', 'scipy', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_a_command_the_window_opens(ptygui, monkeypatch):
    app = pytest.importorskip("ptygui.gui.app")
    monkeypatch.setattr(app, "main", lambda files: 7 if files == () else 1)
    assert ptygui().exit_code == 7


def test_gui_opens_files(ptygui, monkeypatch, scan_file):
    app = pytest.importorskip("ptygui.gui.app")
    opened = []
    monkeypatch.setattr(app, "main", lambda files: opened.extend(files) or 0)
    assert ptygui("gui", scan_file).exit_code == 0
    assert opened == [str(scan_file)]
