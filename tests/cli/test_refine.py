import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from ptygui.core.errors import DeviceError
from ptygui.core.explain import computed_pattern
from ptygui.core.simulate import lines_scan
from ptygui.io.export import export_reconstruction
from ptygui.io.result_files import read_result, write_checkpoint
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs import api

NPZ = ("--formats", "npz")
REFINED = {"lines32_refined.npz", "lines32_refined.json"}


@pytest.fixture(scope="session")
def result_file(scan_file, bundle_file, tmp_path_factory):
    """The polished picture of the scan by a generator that knows nothing, which knows its scan."""
    *_, last = api.Session().reconstruct(api.ReconstructRequest(api.open_scan(scan_file), bundle_file))
    folder = tmp_path_factory.mktemp("results")
    export_reconstruction(last.result, "polished", folder, "mine", ["npz"])
    return folder / "mine.npz"


@pytest.fixture
def no_work(monkeypatch):
    """Nothing may be refined."""
    monkeypatch.setattr(api.Session, "refine", lambda *_: pytest.fail("worked in vain"))


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_a_scan_is_refined_from_flat_and_judged(ptygui, scan_file, tmp_path):
    result = ptygui("refine", scan_file, "-o", tmp_path / "out", *NPZ, "--epochs", 4)
    assert result.exit_code == 0, result.output
    assert names(tmp_path / "out") == REFINED
    assert "refined " in result.stdout
    assert "residual R1" in result.stdout
    assert "of the R1 of a flat object" in result.stdout
    assert str((tmp_path / "out").resolve()) in result.stdout


def test_all_formats_that_the_scan_allows_are_written(ptygui, scan_file, tmp_path):
    assert ptygui("refine", scan_file, "-o", tmp_path, "--epochs", 2).exit_code == 0
    endings = ("_amplitude.tif", "_phase.tif", ".png", ".npz", ".json")
    assert names(tmp_path) == {f"lines32_refined{ending}" for ending in endings}


def test_json_is_one_object_on_stdout(ptygui, scan_file, tmp_path):
    result = ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 4, "--json")
    found = json.loads(result.stdout)
    (stage,) = found["stages"]
    assert stage["stage"] == "refined"
    assert stage["steps"] == 4
    assert {"residual", "patterns", "probe"} <= {judgement["what"] for judgement in stage["judgements"]}
    assert found["recipe"]["refine"]["epochs"] == 4
    assert found["recipe"]["start"] == "flat"
    assert sorted(found["files"]) == sorted(str(path.resolve()) for path in tmp_path.iterdir())


def test_the_file_explains_the_patterns_as_the_refinement_did(ptygui, scan_file, tmp_path):
    free = [f"free_{what}=true" for what in ("positions", "intensities", "background")]
    settings = [part for name in (*free, "modes=2") for part in ("--set", name)]
    assert ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 6, *settings).exit_code == 0
    scan, stage = api.open_scan(scan_file), read_result(tmp_path / "lines32_refined.npz").best
    assert stage.background is not None
    measured = np.sqrt(scan.patterns.read(np.arange(len(scan))))
    computed = np.sqrt([computed_pattern(stage, index) for index in range(len(scan))])
    r1 = np.abs(measured - computed).sum(axis=(1, 2)) / measured.sum(axis=(1, 2))
    # outside what is covered the file does not keep what little the refinement knew
    np.testing.assert_allclose(r1, stage.evidence.r1, atol=0.01)
    assert np.median(np.abs(r1 - stage.evidence.r1)) < 2e-3


def test_a_result_finds_its_scan_and_is_the_start(ptygui, result_file, tmp_path):
    result = ptygui("refine", result_file, "-o", tmp_path, *NPZ, "--epochs", 4, "--json")
    found = json.loads(result.stdout)
    assert [stage["stage"] for stage in found["stages"]] == ["polished", "refined"]
    assert found["stages"][1]["residual"]["r2"] < found["stages"][0]["residual"]["r2"]
    assert found["recipe"]["start"]["stage"] == "polished"
    assert names(tmp_path) == REFINED  # what it began with lies in a file already


def test_a_start_can_be_chosen_for_a_scan(ptygui, scan_file, result_file, tmp_path):
    arguments = ("--from", result_file, "-o", tmp_path, *NPZ, "--epochs", 2)
    result = ptygui("refine", scan_file, *arguments)
    assert result.exit_code == 0
    assert "polished" in result.stdout
    assert "Warning" not in result.stderr


def test_a_result_can_start_from_flat(ptygui, result_file, tmp_path):
    result = ptygui("refine", result_file, "--from", "flat", "-o", tmp_path, *NPZ, "--epochs", 2, "--json")
    assert json.loads(result.stdout)["recipe"]["start"] == "flat"


def test_refining_goes_on_from_what_was_refined(ptygui, scan_file, tmp_path):
    assert ptygui("refine", scan_file, "-o", tmp_path / "1", *NPZ, "--epochs", 2).exit_code == 0
    first = tmp_path / "1" / "lines32_refined.npz"
    assert ptygui("refine", first, "-o", tmp_path / "2", *NPZ, "--epochs", 4).exit_code == 0
    second = read_result(tmp_path / "2" / "lines32_refined.npz")
    assert second.best.residual.r1 < read_result(first).best.residual.r1


def test_a_start_of_another_scan_is_warned_of(ptygui, result_file, tmp_path):
    other = lines_scan(32, object_px=88, step_px=9.0, jitter_px=1.0, photons_per_pattern=1e6, seed=6)
    write_ptychopinn(other, tmp_path / "other.npz")
    arguments = ("--from", result_file, "-o", tmp_path / "out", *NPZ, "--epochs", 1)
    result = ptygui("refine", tmp_path / "other.npz", *arguments)
    assert "Warning: mine.npz was made of another scan than lines32 seed 6." in result.stderr


def moved(result_file, folder, scan_path):
    result = read_result(result_file)
    result.recipe["scan_path"] = scan_path
    write_checkpoint(folder / "moved.npz", result)
    return folder / "moved.npz"


@pytest.mark.parametrize("scan_path", ["/gone/scan.npz", None])
def test_a_scan_that_moved_is_asked_for(ptygui, scan_file, result_file, tmp_path, no_work, scan_path):
    file = moved(result_file, tmp_path, scan_path)
    result = ptygui("refine", file, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert f"give the scan, and --from {file}" in result.stderr
    assert str(scan_path or "does not say") in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_nearest_setting_counts(ptygui, scan_file, tmp_path):
    toml = tmp_path / "mine.toml"
    toml.write_text("epochs = 7\nmodes = 3\nseed = 5\n")
    options = ("--preset", "positions", "--config", toml, "--epochs", 2, "--set", "seed=9")
    result = ptygui("refine", scan_file, "-o", tmp_path / "out", *NPZ, *options, "--json")
    made = json.loads(result.stdout)["recipe"]["refine"]
    names = ("position_limit_px", "free_positions", "modes", "epochs", "seed", "engine")
    assert [made[name] for name in names] == [8.0, True, 3, 2, 9, "gradient"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--epochs", 0), "setting epochs must be a whole number from 1 up to 100000, not 0"),
        (("--set", "free_probe=perhaps"), "free_probe must be true or false, not 'perhaps'"),
        (("--set", "likelihood=guess"), "likelihood must be one of"),
        (("--set", "position_limit_px=nan"), "position_limit_px must be a number above 0"),
        (("--set", "colour=red"), "no setting 'colour', only engine, epochs"),
        (("--set", "modes"), "--set name=value"),
        (("--device", "cuda:9"), "no device 'cuda:9'"),
        (("--from", "gone.npz"), "gone.npz cannot be read"),
        (("--formats", "product"), "leave 'product' out"),
    ],
)
def test_errors_are_one_sentence_on_stderr(ptygui, scan_file, tmp_path, options, words):
    result = ptygui("refine", scan_file, "-o", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs = 0", "mine.toml: The setting epochs must be"),
        ("colour = 1", "mine.toml: There is no setting 'colour'"),
        ("epochs: 3", "mine.toml is no TOML file"),
        ("modes = [1]", "modes must be a whole number from 0 up to 12, not [1]"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_name(ptygui, scan_file, tmp_path, text, words):
    toml = tmp_path / "mine.toml"
    toml.write_text(text)
    result = ptygui("refine", scan_file, "-o", tmp_path / "out", "--config", toml)
    assert result.exit_code == 1
    assert words in result.stderr


def test_something_else_as_start_is_a_sentence(ptygui, scan_file, tmp_path):
    result = ptygui("refine", scan_file, "-o", tmp_path / "out", "--from", scan_file)
    assert result.exit_code == 1
    assert "lines32.npz is no result that ptygui reads" in result.stderr


@pytest.mark.parametrize("options", [("--preset", "best"), ("--engine", "magic"), ("--epochs", "few")])
def test_wrong_usage_is_2(ptygui, scan_file, tmp_path, options):
    assert ptygui("refine", scan_file, "-o", tmp_path, *options).exit_code == 2


def test_existing_files_are_refused_before_the_work_and_kept(ptygui, scan_file, tmp_path, no_work):
    old = tmp_path / "lines32_refined.npz"
    old.write_text("mine")
    result = ptygui("refine", scan_file, "-o", tmp_path)
    assert result.exit_code == 1
    assert "--overwrite" in result.stderr
    assert old.read_text() == "mine"


def test_the_state_of_a_killed_refinement_is_kept(ptygui, scan_file, result_file, tmp_path, no_work):
    left = tmp_path / "lines32_refining.npz"
    write_checkpoint(left, read_result(result_file))
    before = left.read_bytes()
    result = ptygui("refine", scan_file, "-o", tmp_path)
    assert result.exit_code == 1
    assert f"go on with `ptygui refine {scan_file} --from {left} -o {tmp_path}`" in result.stderr
    assert left.read_bytes() == before


@pytest.mark.parametrize("options", ["go on", "replace"])
def test_it_goes_when_it_is_gone_on_with_or_may_be_replaced(
    ptygui, scan_file, result_file, tmp_path, options
):
    left = tmp_path / "lines32_refining.npz"
    write_checkpoint(left, read_result(result_file))
    chosen = ("--from", left) if options == "go on" else ("--overwrite",)
    result = ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 2, *chosen)
    assert result.exit_code == 0, result.output
    assert names(tmp_path) == REFINED


KILLED = """
import os, signal, sys
from ptygui.io import result_files
from ptygui.reconstruct.refine import run
write = result_files.write_checkpoint
def killed(path, result):
    write(path, result)
    os.kill(os.getpid(), signal.SIGKILL)
result_files.write_checkpoint = killed
run.KEEP_INTERVAL_S = -1.0
from ptygui.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_what_a_kill_leaves_can_be_gone_on_with(ptygui, scan_file, tmp_path):
    arguments = ["refine", str(scan_file), "-o", str(tmp_path), *NPZ, "--epochs", "5"]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = tmp_path / "lines32_refining.npz"
    assert names(tmp_path) == {left.name}
    assert read_result(left).best.steps == 1
    result = ptygui("refine", left, "-o", tmp_path, *NPZ, "--epochs", 2)
    assert result.exit_code == 0, result.output
    assert names(tmp_path) == REFINED


class Keeping:
    """Stands for a refinement that keeps its state and then meets with something."""

    def __init__(self, monkeypatch, result_file, trouble):
        def refine(_session, request, _control):
            write_checkpoint(request.checkpoint, read_result(result_file))
            raise trouble
            yield

        monkeypatch.setattr(api.Session, "refine", refine)


def test_after_an_error_the_last_state_is_kept_and_told(
    ptygui, scan_file, result_file, tmp_path, monkeypatch
):
    Keeping(monkeypatch, result_file, DeviceError("The device failed: choose another."))
    result = ptygui("refine", scan_file, "-o", tmp_path)
    assert result.exit_code == 1
    assert "The device failed" in result.stderr
    left = tmp_path / "lines32_refining.npz"
    assert f"state that was kept is {left}" in result.stderr
    assert left.exists()


@pytest.mark.parametrize(
    "trouble", [RuntimeError("solver"), MemoryError(), OSError("disk"), DeviceError("Device gone.")]
)
def test_what_was_reached_before_an_error_is_saved(ptygui, scan_file, tmp_path, monkeypatch, trouble):
    refine = api.Session.refine

    def failing(session, request, control):
        yield from refine(session, request, control)
        raise trouble

    monkeypatch.setattr(api.Session, "refine", failing)
    result = ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 1)
    assert result.exit_code == 1
    assert (str(trouble) or "MemoryError") in result.stderr
    assert isinstance(result.exception, SystemExit)
    assert names(tmp_path) == REFINED


@pytest.mark.parametrize("older", [False, True])
def test_who_wants_to_keep_nothing_loses_only_what_is_new(
    ptygui, scan_file, result_file, tmp_path, monkeypatch, older
):
    left = tmp_path / "lines32_refining.npz"
    if older:
        write_checkpoint(left, read_result(result_file))
    Keeping(monkeypatch, result_file, KeyboardInterrupt())
    result = ptygui("refine", scan_file, "-o", tmp_path, *(("--from", left) if older else ()))
    assert result.exit_code == 130
    assert left.exists() is older


def test_the_first_interrupt_stops_and_keeps(ptygui, scan_file, tmp_path, interrupting):
    interrupting("refine", 1)
    result = ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 500)
    assert result.exit_code == 130
    assert "Stopped early" in result.stderr
    assert names(tmp_path) == REFINED
    assert read_result(tmp_path / "lines32_refined.npz").best.steps < 500


def test_the_second_interrupt_keeps_nothing(ptygui, scan_file, tmp_path, interrupting):
    interrupting("refine", 2)
    assert ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 500).exit_code == 130
    assert not list(tmp_path.iterdir())


def test_info_says_how_a_refined_result_was_made_and_how_good_it_is(ptygui, scan_file, tmp_path):
    ptygui("refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 4)
    file = tmp_path / "lines32_refined.npz"
    text = ptygui("info", file).stdout
    assert "refined by gradient in 4 epochs from lines32 seed 5" in text
    assert "of the R1 of a flat object" in text
    facts = json.loads(ptygui("info", file, "--json").stdout)
    assert facts["judgements"]["residual"].startswith("ok: R1 is")
    assert facts["recipe"]["refine"]["engine"] == "gradient"


def test_the_real_program_from_a_shell(scan_file, tmp_path):
    command = [sys.executable, "-m", "ptygui", "refine", scan_file, "-o", tmp_path, *NPZ, "--epochs", 2]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert names(tmp_path) == REFINED
