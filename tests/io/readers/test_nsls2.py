"""NSLS-II: HXN's prepared files, Style 1 and MATLAB."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import hxn, hxn_raw, nsls2_mat, nsls2_style1
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter, pattern
from scipy.io import savemat

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.io.registry import open_raw, open_scan


def edit(path: Path, **datasets: object) -> Path:
    """Replace datasets; None removes one."""
    with h5py.File(path, "a") as file:
        for key, value in datasets.items():
            if key in file:
                del file[key]
            if value is not None:
                file[key] = value
    return path


def test_hxn_states_its_geometry(tmp_path: Path) -> None:
    metadata = open_scan(hxn.write(tmp_path)).metadata
    assert metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert metadata.distance_m == pytest.approx(DISTANCE_M)
    assert metadata.detector_pixel_m == pytest.approx((DETECTOR_PIXEL_M, DETECTOR_PIXEL_M))
    assert metadata.name == "scan_1"


def test_hxn_turns_and_shifts_as_its_writer_does(tmp_path: Path) -> None:
    """By save_data: rot90 of the whole frame moves the middle of an even number of rows by one."""
    truth = letter()
    turned = np.rot90(truth.intensities, axes=(2, 1))
    path = edit(hxn.write(tmp_path), diffamp=np.sqrt(np.fft.fftshift(turned, axes=(1, 2))))
    found = open_scan(path).batch(np.arange(len(truth.corners))).patterns
    np.testing.assert_allclose(np.roll(found, -1, axis=1), truth.intensities, rtol=1e-4)


def test_a_zero_frequency_beside_its_pixel_is_a_tilt_of_the_probe() -> None:
    """Why that pixel does no harm: the same object explains the patterns, under a wave along the rows."""
    truth = letter()
    side = len(truth.probe)
    wave = np.exp(2j * np.pi * np.arange(side) / side)[:, np.newaxis]
    tilted = [pattern(truth.image, truth.probe * wave, corner) for corner in truth.corners]
    np.testing.assert_allclose(np.roll(truth.intensities, 1, axis=1), tilted, rtol=1e-6, atol=1e-6)


def test_hxn_names_the_detectors_file_by_its_place_at_the_beamline(tmp_path: Path) -> None:
    """Its own folder is looked into; the frames are cut to the region, and nobody tells how they lie."""
    path = hxn_raw.write(tmp_path)
    raw = open_raw(path)
    assert raw.frames.shape == (7, 16, 16)
    assert raw.stated.quantity == "intensity"
    assert [guess.field for guess in raw.guesses] == ["frames_orientation"]
    (tmp_path / "eiger_1.h5").unlink()
    with pytest.raises(ScanError, match=r"eiger_1\.h5, which is missing"):
        open_raw(path)


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ([[0, 16]], "must be whole numbers"),
        ([[0.0, 16.0], [3.0, 19.0]], "must be whole numbers"),
        ([[-5, 16], [3, 19]], "must be whole numbers"),
        ([[30, 46], [3, 19]], "leaves nothing"),
    ],
)
def test_faulty_region_of_hxn(tmp_path: Path, region: list[list[float]], words: str) -> None:
    path = edit(hxn_raw.write(tmp_path), **{"raw_data/roi": np.array(region)})
    with pytest.raises(ScanError, match=words):
        open_raw(path)


@pytest.mark.parametrize(
    ("angle", "factor"),
    [
        (0, 1),
        (30, np.cos(np.pi / 6)),
        (-30, np.cos(np.pi / 6)),
        (60, np.sin(np.pi / 3)),
        (-60, -np.sin(np.pi / 3)),
    ],
)
def test_hxn_projects_the_motors_of_a_turned_sample(tmp_path: Path, angle: float, factor: float) -> None:
    flat = open_scan(hxn.write(tmp_path)).positions.values
    scan = open_scan(edit(hxn.write(tmp_path), angle=float(angle)))
    np.testing.assert_allclose(scan.positions.values, flat * [1, factor])
    told = [guess for guess in scan.metadata.guesses if guess.what == "horizontal positions"]
    assert len(told) == (angle != 0)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"points": np.zeros((3, 7))}, "must hold two rows of positions"),
        ({"points": np.zeros((2, 5))}, "7 patterns but 5 probe positions"),
        ({"points": np.full((2, 7), np.nan)}, "not finite"),
        ({"diffamp": np.zeros((7, 16))}, "must be patterns"),
        ({"lambda_nm": "text"}, "must hold numbers"),
        ({"z_m": [1.0, 2.0]}, "must hold one number"),
        ({"lambda_nm": 0.0}, "the photon energy must be told"),
    ],
)
def test_faulty_hxn(tmp_path: Path, edits: dict[str, object], words: str) -> None:
    path = edit(hxn.write(tmp_path), **edits)
    with pytest.raises(ScanError, match=words):
        open_scan(path)


def test_style_1_needs_distance_and_pixel(tmp_path: Path) -> None:
    path = nsls2_style1.write(tmp_path)
    raw = open_raw(path)
    assert raw.stated.energy_ev == pytest.approx(ENERGY_EV)
    assert raw.extra == {"exposure_time_s": 0.05}
    with pytest.raises(IncompleteScanError) as caught:
        open_scan(path)
    assert "distance_m" in caught.value.lacks


def test_style_1_of_the_merlin(tmp_path: Path) -> None:
    path = nsls2_style1.write(tmp_path)
    with h5py.File(path, "a") as file:
        file.move("entry/data/data", "diff_data/merlin1/det_images")
    assert open_raw(path).frames.shape == (7, 16, 16)


def plain(folder: Path) -> Path:
    savemat(folder / "scan.mat", nsls2_mat.variables())
    return folder / "scan.mat"


@pytest.mark.parametrize("write", [plain, nsls2_mat.write])
def test_mat_of_either_version(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    scan, truth = open_scan(write(tmp_path)), letter()
    np.testing.assert_allclose(scan.batch(np.array([6, 1])).patterns, truth.intensities[[6, 1]], rtol=1e-5)
    assert scan.probe is not None
    np.testing.assert_allclose(scan.probe[0], truth.probe, atol=1e-6)
    assert scan.metadata.pixel_size_m == pytest.approx((PIXEL_M, PIXEL_M))
    assert scan.metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert any(guess.field == "frames_orientation" for guess in scan.metadata.guesses)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("pos_xy", np.zeros((7, 4)), "must hold x and y"),
        ("det_data", np.zeros((16, 16)), "must be patterns"),
        ("det_data", "text", "is text: only plain numbers"),
        ("prb", np.zeros((4, 4)), "must be a probe"),
        ("energy", np.zeros(3), "must hold one real number"),
    ],
)
def test_faulty_mat(tmp_path: Path, key: str, value: object, words: str) -> None:
    savemat(tmp_path / "scan.mat", nsls2_mat.variables() | {key: value})
    with pytest.raises(ScanError, match=words):
        open_scan(tmp_path / "scan.mat")
