import sys

import pytest

from ptygui import resources
from ptygui.core.errors import PtyguiError
from ptygui.core.events import Finished
from ptygui.gui import app
from ptygui.jobs.api import ReconstructRequest, RefineRequest, Session

pytestmark = pytest.mark.usefixtures("shipped")


@pytest.fixture
def shipped(monkeypatch, bundle_file, scan_file, tmp_path):
    """The tiny scan and generator in the place of the shipped ones."""
    named = tmp_path / "stable_hybrid-lines64.safetensors"
    named.write_bytes(bundle_file.read_bytes())
    monkeypatch.setattr(resources, "shipped_generators", lambda: [named])
    monkeypatch.setattr(resources, "demo_scan_path", lambda: scan_file)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return named


@pytest.fixture
def window(monkeypatch, scan):
    """Stands for the window: reconstructs and refines with what it is given; keeps the folder asked for."""
    asked = []

    def run_demo(_scan_path, generator, out):
        asked.append(out)
        *_, last = Session().reconstruct(ReconstructRequest(scan, generator))
        assert isinstance(last, Finished)
        *_, last = Session().refine(RefineRequest(scan, last.result))
        assert isinstance(last, Finished)
        if out is not None:
            (out / "window.png").write_bytes(b"picture")
        return last.result

    monkeypatch.setattr(app, "run_demo", run_demo)
    return asked


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_everything_is_written_and_told(ptygui, window, tmp_path):
    out = tmp_path / "out"
    result = ptygui("demo", "--out", out)
    assert result.exit_code == 0, result.output
    assert window == [out]
    assert "amplitude SSIM" in result.stdout
    told = {line.split()[0] for line in result.stdout.splitlines() if "residual R1" in line}
    assert told == {"raw", "polished", "refined"}
    assert str(out.resolve()) in result.stdout
    names = {path.name for path in out.iterdir()}
    stages = {f"demo_{stage}{end}" for stage in ("raw", "polished", "refined") for end in (".npz", ".png")}
    assert stages | {"window.png", "demo_refined_phase.tif"} <= names


def test_each_time_it_takes_a_fresh_folder(ptygui, window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "demo" / "demo_raw.npz"
    mine.parent.mkdir()
    mine.write_text("mine")
    for _ in range(2):
        assert ptygui("demo", "--offscreen").exit_code == 0
    assert [str(folder) for folder in window] == ["demo-2", "demo-3"]
    assert mine.read_text() == "mine"
    assert [path.name for path in mine.parent.iterdir()] == [mine.name]


def test_files_in_a_chosen_folder_are_kept_unless_they_may_go(ptygui, window, tmp_path):
    picture = tmp_path / "window.png"
    picture.write_text("mine")
    result = ptygui("demo", "--offscreen", "--out", tmp_path)
    assert result.exit_code == 1
    assert "--overwrite" in result.stderr
    assert picture.read_text() == "mine"
    assert not window
    assert ptygui("demo", "--offscreen", "--out", tmp_path, "--overwrite").exit_code == 0
    assert picture.read_bytes() == b"picture"


def test_with_a_display_the_window_is_shown_and_nothing_written(ptygui, window, tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.chdir(tmp_path)
    assert ptygui("demo").exit_code == 0
    assert window == [None]
    assert not (tmp_path / "demo").exists()


def test_a_complaint_of_the_window_is_the_error(ptygui, monkeypatch, tmp_path):
    def complain(*_):
        raise PtyguiError("The demo ended without a result.")

    monkeypatch.setattr(app, "run_demo", complain)
    result = ptygui("demo", "--offscreen", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "without a result" in result.stderr
