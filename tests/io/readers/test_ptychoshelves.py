"""PtychoShelves' prepared data, the newer and the older layout."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import ptychoshelves, ptychoshelves_mex
from samples.letter import SIZE, letter

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_scan

Edit = Callable[[h5py.File], object]


def edited(path: Path, edit: Edit) -> Path:
    with h5py.File(path, "a") as file:
        edit(file)
    return path


def put(file: h5py.File, key: str, value: object) -> None:
    if key in file:
        del file[key]
    file[key] = value


def test_positions_become_centres(tmp_path: Path) -> None:
    scan = open_scan(ptychoshelves.write(tmp_path))
    assert scan.positions.unit == "px"
    np.testing.assert_array_equal(scan.positions_px, letter().corners + SIZE // 2)


def test_bad_pixels_move_with_the_frames(tmp_path: Path) -> None:
    """[3, 9] and [8, 2] from the corner are [11, 1] and [0, 10] once the zero frequency is in the middle."""
    bad = open_scan(ptychoshelves.write(tmp_path)).bad_pixels
    assert bad is not None
    assert np.argwhere(bad).tolist() == [[0, 10], [11, 1]]


def test_what_lies_outside_of_modules_is_bad(tmp_path: Path) -> None:
    modules = np.array([[16, 7, 0, 0], [16, 8, 0, 8]], "u4")
    path = edited(ptychoshelves.write(tmp_path), lambda file: put(file, "detector/n0/modules", modules))
    bad = open_scan(path).bad_pixels
    assert bad is not None
    assert bad[:, 15].all()  # column 7 from the corner
    assert bad.sum() == 16 + 2


def test_bad_pixels_of_single_frames_count_for_all(tmp_path: Path) -> None:
    def move(file: h5py.File) -> None:
        file.move("detector/n0/bad_pixels", "measurement/n0/bad_pixels")
        file["measurement/n0/bad_pixels_index"] = np.arange(7)

    bad = open_scan(edited(ptychoshelves.write(tmp_path), move)).bad_pixels
    assert bad is not None
    assert bad.sum() == 2


@pytest.mark.parametrize(("number", "count"), [(0, 14), (1, 7)])
def test_scans_of_one_object_are_joined(tmp_path: Path, number: int, count: int) -> None:
    def add(file: h5py.File) -> None:
        file.copy("measurement/n0", "measurement/n1")
        file["measurement/n1"].attrs["object"] = np.uint32(number)
        file["measurement/n1/data"][...] *= 2

    scan = open_scan(edited(ptychoshelves.write(tmp_path), add))
    assert len(scan) == count
    truth = letter().intensities
    indices = np.array([count - 1, 0])
    factor = 2 if number == 0 else 1
    expected = np.stack([truth[6] * factor, truth[0]])
    good = ~scan.bad_pixels if scan.bad_pixels is not None else np.ones((SIZE, SIZE), bool)
    np.testing.assert_allclose(scan.batch(indices).patterns[:, good], expected[:, good], rtol=1e-5)
    assert any("n1" in note for note in scan.metadata.notes)


FAULTS: list[tuple[Edit, str]] = [
    (
        lambda file: put(file, "measurement/n0/positions", np.zeros((6, 2))),
        "a row and a column for each of 7",
    ),
    (lambda file: put(file, "measurement/n0/data", np.zeros((7, 16))), "must be patterns"),
    (lambda file: put(file, "detector/n0/bad_pixels", np.array([[16, 0]])), "outside of frames"),
    (lambda file: put(file, "detector/n0/bad_pixels", np.array([[0.5, 0]])), "rows of 2 whole numbers"),
    (lambda file: put(file, "detector/n0/modules", np.zeros((1, 4))), "leaves no pixel"),
    (lambda file: put(file, "detector/n0/modules", np.zeros((1, 3))), "rows of 4 whole numbers"),
    (lambda file: put(file, "measurement/n1/data", np.ones((2, 8, 8))), "different sizes"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_faulty_data(tmp_path: Path, fault: Edit, words: str) -> None:
    path = edited(ptychoshelves.write(tmp_path), fault)
    with pytest.raises(ScanError, match=words):
        open_scan(path)


def test_older_data_have_modules_and_positions_too(tmp_path: Path) -> None:
    scan = open_scan(ptychoshelves_mex.write(tmp_path))
    assert scan.bad_pixels is not None
    assert scan.bad_pixels[:, 15].all()
    np.testing.assert_array_equal(scan.positions_px, letter().corners + SIZE // 2)
    assert any("normalised" in note for note in scan.metadata.notes)


OLD_FAULTS: list[tuple[Edit, str]] = [
    (lambda file: put(file, "measurements/measurement_3/diff_pat", np.zeros((4, 4))), "must be a frame"),
    (lambda file: file.move("measurements/measurement_3", "measurements/measurement_9"), "measurement_3"),
    (lambda file: file["measurements/measurement_2"].attrs.pop("position"), "measurement_2"),
    (lambda file: file["measurements/measurement_2"].attrs.create("position", [1, 2, 3]), "of two numbers"),
]


@pytest.mark.parametrize(("fault", "words"), OLD_FAULTS)
def test_faulty_older_data(tmp_path: Path, fault: Edit, words: str) -> None:
    path = edited(ptychoshelves_mex.write(tmp_path), fault)
    with pytest.raises(ScanError, match=words):
        scan = open_scan(path)
        scan.batch(np.arange(len(scan)))
