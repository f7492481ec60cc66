"""How a scan is read and prepared, told to the command line in a file."""

import json
import re
import sys

import numpy as np
import pytest

from ptygui.core.preparation import Preparation, Window
from ptygui.io.preparation_file import read_preparation
from ptygui.io.result_files import read_result
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import api
from ptygui.train.config import load_config

STEPS = """
[[steps]]
step = "drop"
indices = [0, 5]

[[steps]]
step = "window"
size_px = [16, 16]
on = false
"""


@pytest.fixture
def steps_file(tmp_path):
    path = tmp_path / "steps.toml"
    path.write_text(STEPS)
    return path


def test_info_tells_what_the_steps_did(ptygui, scan, scan_file, steps_file):
    text = ptygui("info", scan_file, "--prepare", steps_file).stdout
    assert "step 1: Leave out 2 patterns: 0, 5\n" in text
    assert "step 2: Window 16 × 16 px around the middle (off)\n" in text
    assert f"note: 2 of {len(scan)} patterns left out: 0, 5.\n" in text
    facts = json.loads(ptygui("info", scan_file, "--prepare", steps_file, "--json").stdout)
    assert facts["patterns"] == len(scan) - 2


def test_what_is_in_force_is_written_and_does_the_same(ptygui, steps_file, tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "guess.npz"  # a file that leaves everything open
    counts = rng.poisson(5, (9, 16, 16)).astype(np.uint16)
    np.savez(path, diff3d=counts, xcoords=np.arange(9.0), ycoords=np.arange(9.0))
    written = tmp_path / "written.toml"
    first = json.loads(
        ptygui("info", path, "--prepare", steps_file, "--write-preparation", written, "--json").stdout
    )
    preparation = read_preparation(written)
    assert preparation.reading.quantity == "intensity"
    assert preparation.reading.position_unit == "px"
    assert preparation.steps == read_preparation(steps_file).steps
    again = json.loads(ptygui("info", path, "--prepare", written, "--json").stdout)
    assert first.pop("guesses")
    assert not again.pop("guesses")
    assert first == again


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("steps = 3", "holds no preparation"),
        ('[[steps]]\nstep = "bin"\nfactor = 1', "holds no preparation.*factor"),
        (
            '[[steps]]\nstep = "bin"\nfactor = 5',
            r"lines32.npz: Step 1 \(bin\): Patterns of 32 × 32",
        ),
    ],
)
@pytest.mark.parametrize("command", ["info", "refine", "reconstruct", "train"])
def test_what_makes_no_sense_is_one_sentence(ptygui, scan_file, bundle_file, tmp_path, command, text, words):
    path = tmp_path / "bad.toml"
    if text is not None:
        path.write_text(text)
    arguments = {
        "info": (scan_file,),
        "refine": (scan_file, "-o", tmp_path / "out"),
        "reconstruct": (scan_file, "-g", bundle_file, "-o", tmp_path / "out"),
        "train": ("--scan", scan_file, "--runs", tmp_path / "runs"),
    }[command]
    result = ptygui(command, *arguments, "--prepare", path)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert re.search(words, result.stderr)
    assert not (tmp_path / "out").exists()


def test_a_refinement_goes_on_with_the_preparation_of_its_result(ptygui, scan, bundle_file, tmp_path):
    write_ptychopinn(scan, tmp_path / "scan.npz")
    preparation = Preparation(steps=(Window(size_px=(24, 24)),))
    opened = api.open_scan(tmp_path / "scan.npz", preparation=preparation)
    arguments = ("-o", tmp_path / "first", "--formats", "npz", "--epochs", 1)
    (tmp_path / "steps.toml").write_text('[[steps]]\nstep = "window"\nsize_px = [24, 24]')
    first = ptygui("refine", tmp_path / "scan.npz", "--prepare", tmp_path / "steps.toml", *arguments)
    assert first.exit_code == 0, first.output
    result = tmp_path / "first" / "scan_refined.npz"
    assert read_result(result).best.probe.shape[1:] == opened.pattern_shape
    second = ptygui("refine", result, "-o", tmp_path / "second", "--formats", "npz", "--epochs", 1)
    assert second.exit_code == 0, second.output
    assert read_result(tmp_path / "second" / "scan_refined.npz").best.probe.shape[1:] == (24, 24)
    assert "another scan" not in second.stderr


def test_a_training_takes_the_preparation_with_it(ptygui, scan_file, steps_file, tmp_path, monkeypatch):
    command = sys.modules["ptygui.cli.train"]  # the package's attribute is the command itself
    monkeypatch.setattr(command, "_watch", lambda _training: None)
    monkeypatch.setattr(command, "_done_text", lambda _bundle: "done")
    monkeypatch.setattr("ptygui.jobs.training.TrainingProcess.start", lambda _run: None)
    result = ptygui("train", "--scan", scan_file, "--prepare", steps_file, "--runs", tmp_path / "runs")
    assert result.exit_code == 0, result.output
    (run,) = (tmp_path / "runs").iterdir()
    assert load_config(run / "config.toml").data.preparation == read_preparation(steps_file)
    refused = ptygui("train", run / "config.toml", "--prepare", steps_file)
    assert refused.exit_code == 2
    assert "--prepare goes with --scan" in refused.stderr
