import dataclasses
import json

import numpy as np
import pytest

from ptygui import resources
from ptygui.cli import checkup
from ptygui.cli.checkup import Finding, missing_packages
from ptygui.core.describe import scan_fingerprint
from ptygui.io.export import export_reconstruction
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.jobs.catalogue import user_folder


def test_info_of_a_scan(ptygui, scan_file, scan):
    facts = json.loads(ptygui("info", scan_file, "--json").stdout)
    assert facts["kind"] == "scan"
    assert facts["patterns"] == len(scan)
    assert facts["fingerprint"] == scan_fingerprint(scan)
    text = ptygui("info", scan_file).stdout
    assert "32, 32" in text
    assert "PtychoPINN" in text


def test_info_says_what_was_guessed_and_why(ptygui, tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "guess.npz"
    counts = rng.poisson(5, (9, 16, 16)).astype(np.uint16)
    np.savez(path, diff3d=counts, xcoords=np.arange(9.0), ycoords=np.arange(9.0))
    assert "guessed: quantity = intensity: All values are whole numbers" in ptygui("info", path).stdout


def test_info_of_a_generator(ptygui, bundle_file):
    card = json.loads(ptygui("info", bundle_file, "--json").stdout)
    assert card["kind"] == "generator"
    assert card["spec"]["architecture"] == "stable_hybrid"
    assert "stable_hybrid" in ptygui("info", bundle_file).stdout


def test_info_of_a_generator_has_a_line_for_each_part(ptygui, bundle_file):
    lines = ptygui("info", bundle_file).stdout.splitlines()
    spec = lines.index("spec")
    assert lines[spec + 1].split() == ["architecture", "stable_hybrid"]
    assert lines[spec + 1].startswith("    ")
    assert max(map(len, lines)) < 100


@pytest.mark.parametrize("name", ["lines32_raw.npz", "lines32_raw.h5"])
def test_info_of_a_result_says_what_it_is(ptygui, scan, bundle_file, tmp_path, name):
    *_, last = Session().reconstruct(ReconstructRequest(scan, bundle_file))
    stage = last.result.stages[0]
    image = dataclasses.replace(stage.image, pixel_size_m=(1e-8, 1e-8))
    stages = (dataclasses.replace(stage, image=image),)
    result = dataclasses.replace(last.result, stages=stages)
    export_reconstruction(result, "raw", tmp_path, "lines32_raw", ["npz", "product"])
    path = tmp_path / name
    rows, cols = image.values.shape
    text = ptygui("info", path).stdout
    assert f"a ptygui result: object {rows} x {cols}, made by tiny from {scan.metadata.name}" in text
    assert json.loads(ptygui("info", path, "--json").stdout)["kind"] == "result"


def test_info_of_a_damaged_result_says_what_is_wrong_with_it(ptygui, tmp_path):
    record = json.dumps({"program": "ptygui", "scan": "star"})
    np.savez(tmp_path / "a.npz", provenance=np.array(record), object=np.ones((3, 4)))
    result = ptygui("info", tmp_path / "a.npz")
    assert result.exit_code == 1
    assert "a.npz, key object, must be complex" in result.stderr


def test_info_of_something_else_is_a_sentence(ptygui, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("nothing")
    result = ptygui("info", path)
    assert result.exit_code == 1
    assert "notes.txt" in result.stderr


def test_generators_are_listed_and_broken_ones_named(ptygui, bundle_file, monkeypatch):
    monkeypatch.setattr(resources, "shipped_generators", lambda: [bundle_file])
    user_folder().mkdir(parents=True)
    (user_folder() / "broken.safetensors").write_bytes(b"nonsense")
    result = ptygui("generators")
    assert "tiny" in result.stdout
    assert "broken.safetensors" in result.stderr
    plain = json.loads(ptygui("generators", "--json").stdout)
    assert plain["generators"][0]["shipped"] is True
    assert len(plain["unusable"]) == 1


def test_without_generators_it_says_what_to_do(ptygui, monkeypatch):
    monkeypatch.setattr(resources, "shipped_generators", list)
    assert "train one" in ptygui("generators").stdout


def test_devices(ptygui):
    assert "cpu" in ptygui("devices", "--test").stdout
    assert "works" in ptygui("devices", "--test").stdout
    assert json.loads(ptygui("devices", "--json").stdout)["devices"][-1]["id"] == "cpu"


def test_missing_libraries_become_one_command():
    findings = [
        Finding("libEGL.so.1", False, needed=True, debian_package="libegl1"),
        Finding("libGL.so.1", True, debian_package="libgl1"),
        Finding("libxcb-shape.so.0", False, needed=False, debian_package="libxcb-shape0"),
        Finding("fonts", False, debian_package="fonts-dejavu-core"),
    ]
    assert missing_packages(findings) == "sudo apt-get install libegl1 fonts-dejavu-core"
    assert missing_packages(findings[1:2]) is None


def test_a_library_that_is_not_there_is_found_missing():
    absent, present = checkup._libraries(
        {"libnowhere.so.9": "libnowhere9", "libc.so.6": "libc6"}, needed=True
    )
    assert not absent.ok
    assert absent.debian_package == "libnowhere9"
    assert present.ok


def test_a_package_that_is_not_there_is_told_with_what_installs_it():
    finding = checkup._package("no_such_package")
    assert not finding.ok
    assert "pip install no_such_package" in finding.text


@pytest.mark.parametrize("healthy", [True, False])
def test_doctor_ends_by_what_it_found(ptygui, monkeypatch, healthy):
    findings = [
        Finding("libEGL.so.1", healthy, debian_package="libegl1"),
        Finding("GPU", False, needed=False),
    ]
    monkeypatch.setattr(checkup, "check_all", lambda: iter(findings))
    result = ptygui("doctor")
    assert result.exit_code == (0 if healthy else 1)
    assert ("sudo apt-get install libegl1" in result.stdout) is not healthy
    assert json.loads(ptygui("doctor", "--json").stdout)["healthy"] is healthy


def test_doctor_checks_the_real_thing():
    findings = {finding.what: finding for finding in checkup.check_all()}
    assert findings["numpy"].ok
    assert findings["torch"].ok
    assert findings["Qt, offscreen"].ok, findings["Qt, offscreen"].text
    assert findings["HDF5 bitshuffle and LZ4"].ok
    assert findings["device cpu"].ok
