from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import fold_slice
from samples.letter import ENERGY_EV, PIXEL_M

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.io.registry import open_scan, reader_of


def para(path: Path) -> Path:
    return path.with_name("data_roi0_para.hdf5")


def edit(path: Path, key: str, value: object) -> None:
    with h5py.File(path, "a") as file:
        del file[key]
        if value is not None:
            file[key] = value


def test_either_name_opens_the_pair(tmp_path: Path) -> None:
    path = fold_slice.write(tmp_path)
    scans = [open_scan(path), open_scan(para(path))]
    for scan in scans:
        assert scan.metadata.name == "data_roi0"
        assert scan.metadata.energy_ev == pytest.approx(ENERGY_EV)
        assert scan.metadata.pixel_size_m == pytest.approx((PIXEL_M, PIXEL_M))
        assert scan.metadata.extra == {"angle_deg": 12.0}
    np.testing.assert_array_equal(scans[0].positions_px, scans[1].positions_px)


def test_one_file_may_hold_both(tmp_path: Path) -> None:
    path = fold_slice.write(tmp_path)
    with h5py.File(path, "a") as file, h5py.File(para(path)) as other:
        for key in other:
            other.copy(key, file)
    para(path).unlink()
    assert len(open_scan(path)) == 7


def test_a_pair_of_ptychodus_is_not_taken(tmp_path: Path) -> None:
    path = fold_slice.write(tmp_path)
    with h5py.File(para(path), "a") as file:
        file.move("ppX", "probe_position_x_m")
        file.move("ppY", "probe_position_y_m")
    assert reader_of(path).name.startswith("paired")
    assert reader_of(para(path)).name.startswith("paired")


def test_a_simulation_tells_no_geometry(tmp_path: Path) -> None:
    path = fold_slice.write(tmp_path)
    for key in ("lambda", "dx", "angle"):
        edit(para(path), key, None)
    with pytest.raises(IncompleteScanError) as caught:
        open_scan(path)
    assert set(caught.value.lacks) == {"energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m"}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("ppX", np.zeros(6), "7 ppY but 6 ppX"),
        ("ppX", np.zeros((7, 2)), "one number for each pattern"),
        ("ppY", "text", "must hold numbers"),
        ("lambda", [1.0, 2.0], "must hold one number"),
    ],
)
def test_faulty_parameters(tmp_path: Path, key: str, value: object, words: str) -> None:
    path = fold_slice.write(tmp_path)
    edit(para(path), key, value)
    with pytest.raises(ScanError, match=words):
        open_scan(path)


def test_missing_patterns_are_named(tmp_path: Path) -> None:
    path = fold_slice.write(tmp_path)
    path.unlink()
    with pytest.raises(ScanError, match=r"data_roi0_dp\.hdf5 with the patterns is missing"):
        open_scan(para(path))
