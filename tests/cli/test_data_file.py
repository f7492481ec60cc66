"""What would be the end of a command is tried in another process before it."""

import sys

import h5py
import pytest

from ptygui.jobs import examination

DIES = 'import sys; print(\'{"state": "alive"}\', flush=True); next(sys.stdin)'


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "scan.h5"
    with h5py.File(made, "w") as file:
        file["entry"] = 1.0
    return made


@pytest.mark.parametrize("command", ["info", "reconstruct", "refine", "convert"])
def test_a_file_that_kills_a_library_is_refused_in_a_sentence(ptygui, path, tmp_path, monkeypatch, command):
    monkeypatch.setattr(examination, "COMMAND", (sys.executable, "-I", "-c", DIES))
    target = {"info": (), "convert": (tmp_path / "out.npz",)}.get(command, ("-o", tmp_path / "out"))
    done = ptygui(command, path, *target)
    assert done.exit_code == 1
    assert "Error: scan.h5 makes the HDF5 library crash: it is damaged" in done.stderr
    assert not (tmp_path / "out").exists()


def test_other_files_are_opened_as_ever(ptygui, path, tmp_path):
    assert "scan.h5 is an HDF5 file, but no ptychography scan" in ptygui("info", path).stderr
    assert "There is no file" in ptygui("info", tmp_path / "absent.h5").stderr
