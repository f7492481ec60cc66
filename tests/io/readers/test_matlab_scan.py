from pathlib import Path

import numpy as np
import pytest
from samples import matlab_scan
from samples.letter import ENERGY_EV, PIXEL_M, letter, matlab_73
from scipy.io import savemat

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import Reading
from ptygui.io.registry import open_raw, open_scan, prepare


def test_geometry_is_taken_if_it_is_there(tmp_path: Path) -> None:
    metadata = open_scan(matlab_scan.write(tmp_path)).metadata
    assert metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert metadata.pixel_size_m == pytest.approx((PIXEL_M, PIXEL_M))


@pytest.mark.parametrize("turned", [False, True])
def test_positions_without_a_unit_are_pixels_of_rows_and_columns(tmp_path: Path, turned: bool) -> None:
    truth = letter()
    positions = truth.centres.T if turned else truth.centres
    path = matlab_73(tmp_path, "a.mat", data=np.moveaxis(truth.intensities, 0, 2), positions=positions)
    raw = open_raw(path)
    assert raw.stated.position_unit is None
    scan = prepare(raw, Preparation(reading=Reading(quantity="intensity")))
    assert scan.positions.unit == "px"
    np.testing.assert_array_equal(scan.positions_px, truth.centres)
    np.testing.assert_allclose(scan.batch(np.arange(7)).patterns, truth.intensities, rtol=1e-5)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        ({"ppX": np.zeros(6)}, "7 ppY but 6 ppX"),
        ({"positions": np.zeros((7, 3))}, "row and column of each pattern"),
        ({"positions": np.zeros((7, 2), complex) + 1j}, "must hold real numbers"),
        ({"dp": np.zeros((16, 16))}, "must be patterns"),
        ({"dx": np.zeros(3)}, "one or two real numbers"),
    ],
)
def test_faulty_files(tmp_path: Path, edits: dict[str, object], words: str) -> None:
    savemat(tmp_path / "a.mat", matlab_scan.variables() | edits)
    with pytest.raises(ScanError, match=words):
        open_scan(tmp_path / "a.mat")


def test_other_mat_files_are_no_scans(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"dp": np.ones((3, 3, 3))})
    with pytest.raises(ScanError, match="no format that ptygui reads"):
        open_scan(tmp_path / "a.mat")
