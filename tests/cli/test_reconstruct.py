import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from ptygui.cli import save
from ptygui.core.errors import DeviceError, ScanError
from ptygui.jobs import api

NAMES = {
    f"lines32_{stage}{ending}"
    for stage in ("raw", "polished")
    for ending in ("_amplitude.tif", "_phase.tif", ".png", ".npz", ".json")
}


def test_both_stages_are_written_with_their_figures(ptygui, scan_file, bundle_file, tmp_path):
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == NAMES
    assert "residual R1" in result.stdout
    assert "amplitude SSIM" in result.stdout
    assert str((tmp_path / "out").resolve()) in result.stdout
    amplitude = tifffile.imread(tmp_path / "out" / "lines32_polished_amplitude.tif")
    assert amplitude.dtype == np.float32
    assert 0.3 < amplitude.max() < 3


def test_json_is_one_object_on_stdout(ptygui, scan_file, bundle_file, tmp_path):
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--json", "--formats", "npz")
    found = json.loads(result.stdout)
    assert [stage["stage"] for stage in found["stages"]] == ["raw", "polished"]
    assert found["stages"][1]["residual"]["r1"] < found["stages"][0]["residual"]["r1"]
    assert found["device"].startswith("cpu (")
    assert found["recipe"]["generator_name"] == "tiny"
    assert found["coverage"] == 1
    assert sorted(found["files"]) == sorted(str(path.resolve()) for path in tmp_path.iterdir())


def test_no_polish_leaves_the_raw_stage_alone(ptygui, scan_file, bundle_file, tmp_path):
    ptygui(
        "reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--polish", "0", "--formats", "tiff,npz"
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "lines32_raw_amplitude.tif",
        "lines32_raw_phase.tif",
        "lines32_raw.npz",
        "lines32_raw.json",
    }


def test_existing_files_are_refused_before_the_work_and_kept(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch
):
    old = tmp_path / "lines32_polished.npz"
    old.write_text("mine")
    monkeypatch.setattr(api.Session, "reconstruct", lambda *_: pytest.fail("worked in vain"))
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path)
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert "--overwrite" in result.stderr
    assert old.read_text() == "mine"


@pytest.mark.parametrize("place", ["afile", "afile/sub"])
def test_a_folder_that_cannot_be_is_told_before_the_work(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch, place
):
    (tmp_path / "afile").write_text("mine")
    monkeypatch.setattr(api.Session, "reconstruct", lambda *_: pytest.fail("worked in vain"))
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path / place)
    assert result.exit_code == 1
    assert "cannot be made" in result.stderr
    assert "Errno" not in result.stderr
    assert (tmp_path / "afile").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch
):
    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(save, "TemporaryFile", full)
    monkeypatch.setattr(api.Session, "reconstruct", lambda *_: pytest.fail("worked in vain"))
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path / "new" / "out")
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_product_without_pixel_size_is_told_before_the_work(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch
):
    monkeypatch.setattr(api.Session, "reconstruct", lambda *_: pytest.fail("worked in vain"))
    arguments = ("-g", bundle_file, "-o", tmp_path / "out", "--formats", "npz,product")
    result = ptygui("reconstruct", scan_file, *arguments)
    assert result.exit_code == 1
    assert "pixel size" in result.stderr
    assert "--formats" in result.stderr
    assert not (tmp_path / "out").exists()


def test_overwrite_replaces_them(ptygui, scan_file, bundle_file, tmp_path):
    (tmp_path / "lines32_polished.npz").write_text("mine")
    arguments = ("-g", bundle_file, "-o", tmp_path, "--overwrite", "--formats", "npz")
    assert ptygui("reconstruct", scan_file, *arguments).exit_code == 0
    assert (tmp_path / "lines32_polished.npz").stat().st_size > 100


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scan": "absent.npz"}, "no file"),
        ({"-g": "absent.safetensors"}, "no file absent.safetensors"),
        ({"-g": "nobody"}, "no generator 'nobody'"),
        ({"-d": "cuda:9"}, "no device 'cuda:9'"),
        ({"--batch-size": "0"}, "batch size must be"),
        ({"--polish": "-2"}, "polish steps must be"),
    ],
)
def test_errors_are_one_sentence_on_stderr(ptygui, scan_file, bundle_file, tmp_path, change, words):
    options = {"-g": bundle_file, "-o": tmp_path / "out"} | change
    scan = options.pop("scan", scan_file)
    result = ptygui("reconstruct", scan, *(part for option in options.items() for part in option))
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_wrong_usage(ptygui, scan_file, bundle_file, tmp_path):
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--formats", "tiff,jpeg")
    assert result.exit_code == 2
    assert "'jpeg' is no format" in result.stderr


def test_a_generator_can_be_named(ptygui, scan_file, bundle_file, tmp_path, monkeypatch):
    from ptygui import resources

    monkeypatch.setattr(resources, "shipped_generators", lambda: [bundle_file])
    result = ptygui("reconstruct", scan_file, "-g", "tiny", "-o", tmp_path, "--formats", "npz")
    assert result.exit_code == 0, result.output


def test_a_generator_can_be_the_run_that_trained_it(ptygui, scan_file, bundle_file, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.toml").touch()
    arguments = ("-g", run, "-o", tmp_path / "out", "--formats", "npz")
    assert "no bundle.safetensors yet" in ptygui("reconstruct", scan_file, *arguments).stderr
    (run / "bundle.safetensors").write_bytes(bundle_file.read_bytes())
    assert ptygui("reconstruct", scan_file, *arguments).exit_code == 0


def test_the_first_interrupt_stops_and_keeps(ptygui, scan_file, bundle_file, tmp_path, interrupting):
    interrupting("reconstruct", 1)
    before = signal.getsignal(signal.SIGINT)
    result = ptygui(
        "reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--batch-size", "4", "--formats", "npz"
    )
    assert result.exit_code == 130
    assert "Stopped early" in result.stderr
    assert "% of the patterns are in the picture" in result.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"lines32_raw.npz", "lines32_raw.json"}
    assert signal.getsignal(signal.SIGINT) is before


def test_the_second_interrupt_keeps_nothing(ptygui, scan_file, bundle_file, tmp_path, interrupting):
    interrupting("reconstruct", 2)
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--batch-size", "4")
    assert result.exit_code == 130
    assert not list(tmp_path.iterdir())


def test_a_failure_while_reading_is_a_sentence(ptygui, scan_file, bundle_file, tmp_path, monkeypatch):
    def gone(*_):
        raise ScanError("lines32.npz was cut short: copy it again.")
        yield

    monkeypatch.setattr(api.Session, "reconstruct", gone)
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path)
    assert result.exit_code == 1
    assert "copy it again" in result.stderr


def test_the_real_program_from_a_shell(scan_file, bundle_file, tmp_path):
    command = [sys.executable, "-m", "ptygui", "reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path]
    done = subprocess.run(
        [*map(str, command), "--formats", "npz"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Computing on cpu" in done.stderr
    assert (tmp_path / "lines32_polished.npz").exists()


def test_refining_after_it_leaves_all_stages(ptygui, scan_file, bundle_file, tmp_path):
    arguments = ("-g", bundle_file, "-o", tmp_path, "--refine", 3, "--formats", "npz", "--json")
    found = json.loads(ptygui("reconstruct", scan_file, *arguments).stdout)
    assert [stage["stage"] for stage in found["stages"]] == ["raw", "polished", "refined"]
    raw, polished, refined = (stage["residual"]["r2"] for stage in found["stages"])
    assert refined < polished < raw
    assert found["recipe"]["refine"]["epochs"] == 3
    assert found["recipe"]["generator_name"] == "tiny"
    assert found["stages"][2]["judgements"]
    names = {f"lines32_{stage}{end}" for stage in ("raw", "polished", "refined") for end in (".npz", ".json")}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert {Path(file).name for file in found["files"]} == names
    made = json.loads((tmp_path / "lines32_polished.json").read_text())
    assert "refine" not in made["recipe"]


def test_what_was_reconstructed_is_saved_before_it_is_refined(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch
):
    def fail(*_):
        raise DeviceError("The device failed: choose another.")
        yield

    monkeypatch.setattr(api.Session, "refine", fail)
    arguments = ("-g", bundle_file, "-o", tmp_path, "--refine", 3, "--formats", "npz")
    result = ptygui("reconstruct", scan_file, *arguments)
    assert result.exit_code == 1
    assert "The device failed" in result.stderr
    assert (tmp_path / "lines32_polished.npz").exists()


def test_a_stop_before_it_leaves_the_refinement_out(ptygui, scan_file, bundle_file, tmp_path, interrupting):
    interrupting("reconstruct", 1)
    arguments = ("-g", bundle_file, "-o", tmp_path, "--refine", 3, "--batch-size", 4, "--formats", "npz")
    assert ptygui("reconstruct", scan_file, *arguments).exit_code == 130
    assert not (tmp_path / "lines32_refined.npz").exists()


@pytest.mark.parametrize(
    ("epochs", "left", "words"),
    [
        (0, "none", "setting epochs must be a whole number from 1"),
        (3, "lines32_refined.npz", "exists already"),
        (3, "lines32_refining.npz", "refinement that was killed"),
    ],
)
def test_what_hinders_the_refinement_is_told_before_the_work(
    ptygui, scan_file, bundle_file, tmp_path, monkeypatch, epochs, left, words
):
    (tmp_path / left).write_text("mine")
    monkeypatch.setattr(api.Session, "reconstruct", lambda *_: pytest.fail("worked in vain"))
    result = ptygui("reconstruct", scan_file, "-g", bundle_file, "-o", tmp_path, "--refine", epochs)
    assert result.exit_code == 1
    assert words in result.stderr
    assert (tmp_path / left).read_text() == "mine"


def test_a_refined_result_of_before_does_not_hinder_a_reconstruction(
    ptygui, scan_file, bundle_file, tmp_path
):
    (tmp_path / "lines32_refined.npz").write_text("mine")
    arguments = ("-g", bundle_file, "-o", tmp_path, "--formats", "npz")
    assert ptygui("reconstruct", scan_file, *arguments).exit_code == 0
    assert (tmp_path / "lines32_refined.npz").read_text() == "mine"
