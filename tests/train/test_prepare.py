from dataclasses import replace

import msgspec
import numpy as np
import pytest

from ptygui.core.probe import probe_similarity
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import ArrayPatterns, Scan
from ptygui.core.simulate import lines_probe
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.runs.layout import RunError
from ptygui.train import prepare as module
from ptygui.train.config import MeasuredScan, SimulatedFamily, SimulatedLines
from ptygui.train.prepare import prepare
from ptygui.train.scan_physics import ScanPhysics


def never(text: str) -> None:
    pytest.fail(f"said {text}")


@pytest.fixture
def opened(monkeypatch, training_scan):
    """What a file would hold, without a file: the scan with another probe."""

    def use(**changed) -> Scan:
        scan = replace(training_scan.scan, reference_object=None, **changed)
        monkeypatch.setattr(module, "open_scan", lambda path, **_: scan)
        return scan

    return use


def power(probe: np.ndarray) -> float:
    return float(np.sum(np.abs(probe) ** 2))


def test_simulated_scans_differ_and_validation_is_one_never_trained_on(tiny, tmp_path):
    material = prepare(tiny(), tmp_path / "probe.npy", never)
    scans = [*material.scans, material.validation]
    assert len(scans) == 3
    assert all(scan.simulated and scan.scan.reference_object is not None for scan in scans)
    objects = [scan.scan.reference_object.values for scan in scans]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(objects[first] - objects[second]).max() > 0.1
    assert "2 simulated grid-lines objects" in material.sentence
    assert not list(tmp_path.iterdir())


def test_it_repeats(tiny, tmp_path):
    patterns = [
        prepare(
            tiny(data=SimulatedLines(pattern_px=16, object_px=60, step_px=6, scans=1)), tmp_path, never
        ).validation.scan.patterns.read(np.arange(4))
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*patterns)


SMALL_FAMILY = SimulatedFamily(pattern_px=32, side=3, scans=4, first_seed=7, probe_error_rad=1.0)


def test_a_family_has_many_probes_and_is_judged_by_kinds_it_never_trains_on(tiny, tmp_path):
    material = prepare(tiny(data=SMALL_FAMILY), tmp_path / "probe.npy", never)
    assert len(material.scans) == 4
    assert {len(scan.scan) for scan in material.scans} == {9}
    assert "4 simulated scans of 3 x 3 patterns" in material.sentence
    names = [scan.scan.metadata.name for scan in material.scans]
    judge = material.validation
    assert "family 11: portrait, stopped zone plate" in judge.scan.metadata.name
    assert not any("portrait" in name or "stopped" in name for name in names)
    assert judge.told is None
    assert len(judge.scan) == 36
    for first, second in ((0, 1), (1, 2), (2, 3)):
        assert probe_similarity(material.scans[first].probe, material.scans[second].probe) < 0.99


def test_a_family_is_told_probes_with_errors_and_explained_by_the_true_ones(tiny, tmp_path):
    config = tiny(data=SMALL_FAMILY)
    scans = prepare(config, tmp_path / "probe.npy", never).scans
    likeness = [probe_similarity(scan.probe, scan.told) for scan in scans]
    assert min(likeness) < 0.97
    assert all(power(scan.told) == pytest.approx(power(scan.probe), rel=1e-4) for scan in scans)
    physics = ScanPhysics(scans[0], config)
    np.testing.assert_array_equal(physics.probe.numpy(), scans[0].probe)
    expected = np.abs(scans[0].told) ** 2
    np.testing.assert_allclose(physics.weights.numpy(), expected[0] / expected.max() + 1e-3, rtol=1e-4)
    right = prepare(tiny(data=replace_error(0.0)), tmp_path / "probe.npy", never).scans
    assert min(probe_similarity(scan.probe, scan.told) for scan in right) > 0.9999


def replace_error(probe_error_rad: float) -> SimulatedFamily:
    """Return the small family with another error of the probe."""
    return msgspec.structs.replace(SMALL_FAMILY, probe_error_rad=probe_error_rad)


def test_the_probe_is_scaled_so_that_the_flat_object_explains_the_photons(opened, tiny, tmp_path):
    scan = opened(probe=lines_probe(16) * 123)
    material = prepare(tiny(data=MeasuredScan(path="x")), tmp_path / "probe.npy", never)
    photons = scan.patterns.read(np.arange(81)).sum(axis=(1, 2)).mean()
    assert power(material.validation.probe) == pytest.approx(photons, rel=1e-3)
    assert material.scans == [material.validation]
    assert not material.validation.simulated
    assert "no labels" in material.sentence


def test_an_estimated_probe_is_kept_for_the_resumed_run(opened, tiny, tmp_path):
    wrong = zone_plate_probe_px((16, 16), 2.0, 0.5)
    opened(probe=wrong)
    config, file, said = tiny(data=MeasuredScan(path="x"), probe_epochs=3), tmp_path / "probe.npy", []
    first = prepare(config, file, said.append)
    assert len(said) == 3
    assert "epoch 3 of 3" in said[-1]
    assert probe_similarity(first.validation.probe, wrong) < 0.999
    kept = np.load(file, allow_pickle=False)
    assert kept.shape == (1, 16, 16)
    again = prepare(config, file, never)
    np.testing.assert_array_equal(again.validation.probe, first.validation.probe)
    assert [path.name for path in tmp_path.iterdir()] == ["probe.npy"]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00 and no more", b"\x80\x04pickle"])
def test_a_damaged_probe_of_an_earlier_sitting_is_named(opened, tiny, tmp_path, content):
    opened()
    (tmp_path / "probe.npy").write_bytes(content)
    with pytest.raises(RunError, match=r"probe\.npy is damaged .*estimated anew"):
        prepare(tiny(data=MeasuredScan(path="x"), probe_epochs=3), tmp_path / "probe.npy", never)


def test_without_a_probe_one_is_guessed_from_the_good_pixels(opened, tiny, tmp_path, training_scan):
    config = tiny(data=MeasuredScan(path="x"))
    opened(probe=None)
    expected = prepare(config, tmp_path / "probe.npy", never).validation.probe
    bad = np.zeros((16, 16), bool)
    bad[0, :3] = True
    patterns = np.array(training_scan.scan.patterns.read(np.arange(81)))
    patterns[:, bad] = 4e9
    opened(probe=None, bad_pixels=bad, patterns=ArrayPatterns(patterns))
    guessed = prepare(config, tmp_path / "probe.npy", never).validation.probe
    assert probe_similarity(guessed, expected) > 0.98
    assert power(guessed) == pytest.approx(power(expected), rel=0.05)


def test_a_scan_in_a_file_is_found(tiny, tmp_path, training_scan):
    path = tmp_path / "scan.npz"
    write_ptychopinn(training_scan.scan, path)
    material = prepare(tiny(data=MeasuredScan(path=str(path))), tmp_path / "probe.npy", never)
    assert len(material.validation.scan) == 81
