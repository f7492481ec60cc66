"""A file opens on the command line as in the window: as remembered for its kind, which is said."""

import json
import sys

import pytest

from ptygui.core.preparation import Preparation, Window
from ptygui.core.remembered import Remembered, kind_of
from ptygui.io.preparation_file import read_preparation
from ptygui.io.remembered import remember
from ptygui.io.result_files import read_result
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import api
from ptygui.train.config import load_config

USUAL = Preparation(steps=(Window(size_px=(24, 24)),))
SAID = "scan.npz is read and prepared as remembered for “Mine”.\n"


@pytest.fixture
def path(scan, tmp_path):
    """A file of a kind for which something is remembered."""
    path = tmp_path / "scan.npz"
    write_ptychopinn(scan, path)
    remember(Remembered.of(USUAL, "Mine", kind_of(api.open_raw(path))))
    return path


def test_info_says_so_and_the_option_or_a_preparation_wins(ptygui, path, tmp_path):
    told = ptygui("info", path, "--json")
    assert told.stderr == SAID
    assert json.loads(told.stdout)["steps"] == ["Window 24 × 24 px around the middle"]
    plain = ptygui("info", path, "--json", "--no-remembered")
    assert plain.stderr == ""
    assert json.loads(plain.stdout)["steps"] == []
    other = tmp_path / "other.toml"
    other.write_text('[[steps]]\nstep = "bin"\n')
    prepared = ptygui("info", path, "--json", "--prepare", other)
    assert prepared.stderr == ""
    assert json.loads(prepared.stdout)["steps"] == ["Bin 2 × 2"]


def test_what_is_in_force_is_written_with_it(ptygui, path, tmp_path):
    written = tmp_path / "written.toml"
    assert ptygui("info", path, "--write-preparation", written).exit_code == 0
    assert read_preparation(written).steps == USUAL.steps


def test_what_is_impossible_is_a_warning_and_the_file_opens_as_it_says(ptygui, path):
    too_much = Preparation(steps=(Window(size_px=(24, 24), centre_px=(500, 500)),))
    remember(Remembered.of(too_much, "Mine", kind_of(api.open_raw(path))), overwrite=True)
    told = ptygui("info", path, "--json")
    assert told.exit_code == 0, told.output
    assert "“Mine” is impossible here, so the file is read as it says" in told.stderr
    assert "Step 1 (window)" in told.stderr
    assert json.loads(told.stdout)["steps"] == []


def test_a_refinement_and_what_goes_on_with_it(ptygui, path, tmp_path):
    arguments = ("--formats", "npz", "--epochs", 1)
    first = ptygui("refine", path, "-o", tmp_path / "first", *arguments)
    assert first.exit_code == 0, first.output
    assert SAID in first.stderr
    result = tmp_path / "first" / "scan_refined.npz"
    assert read_result(result).best.probe.shape[1:] == (24, 24)
    plain = ptygui("refine", path, "-o", tmp_path / "plain", *arguments, "--no-remembered")
    assert SAID not in plain.stderr
    unprepared = tmp_path / "plain" / "scan_refined.npz"
    assert read_result(unprepared).best.probe.shape[1:] == (32, 32)
    again = ptygui("refine", unprepared, "-o", tmp_path / "again", *arguments)
    assert again.exit_code == 0, again.output
    assert SAID not in again.stderr  # its scan is prepared as it was, not as is usual now
    assert read_result(tmp_path / "again" / "scan_refined.npz").best.probe.shape[1:] == (32, 32)


def test_a_reconstruction(ptygui, path, bundle_file, tmp_path):
    arguments = ("-g", bundle_file, "--formats", "npz", "--polish", 0)
    told = ptygui("reconstruct", path, "-o", tmp_path / "a", *arguments)
    assert told.exit_code == 0, told.output
    assert SAID in told.stderr
    recipe = read_result(tmp_path / "a" / "scan_raw.npz").recipe
    assert recipe["preparation"]["steps"][0]["size_px"] in ([24, 24], (24, 24))
    plain = ptygui("reconstruct", path, "-o", tmp_path / "b", *arguments, "--no-remembered")
    assert SAID not in plain.stderr
    assert not read_result(tmp_path / "b" / "scan_raw.npz").recipe.get("preparation", {}).get("steps")


def test_a_conversion(ptygui, path, tmp_path):
    told = ptygui("convert", path, tmp_path / "a.npz")
    assert told.exit_code == 0, told.output
    assert SAID.strip() in told.stderr
    assert api.open_scan(tmp_path / "a.npz").pattern_shape == (24, 24)
    plain = ptygui("convert", path, tmp_path / "b.npz", "--no-remembered")
    assert SAID.strip() not in plain.stderr
    assert api.open_scan(tmp_path / "b.npz").pattern_shape == (32, 32)


def test_a_training_keeps_it_in_its_configuration(ptygui, path, tmp_path, monkeypatch):
    command = sys.modules["ptygui.cli.train"]  # the package's attribute is the command itself
    monkeypatch.setattr(command, "_watch", lambda _training: None)
    monkeypatch.setattr(command, "_done_text", lambda _bundle: "done")
    monkeypatch.setattr("ptygui.jobs.training.TrainingProcess.start", lambda _run: None)

    def preparation(folder, *more):
        result = ptygui("train", "--scan", path, "--runs", folder, *more)
        assert result.exit_code == 0, result.output
        (run,) = folder.iterdir()
        return load_config(run / "config.toml").data.preparation, result.stderr

    told, said = preparation(tmp_path / "a")
    assert told == USUAL
    assert SAID in said
    plain, said = preparation(tmp_path / "b", "--no-remembered")
    assert plain == Preparation()
    assert SAID not in said
    (run,) = (tmp_path / "a").iterdir()
    refused = ptygui("train", run / "config.toml", "--no-remembered")
    assert refused.exit_code == 2
    assert "--no-remembered goes with --scan" in refused.stderr
