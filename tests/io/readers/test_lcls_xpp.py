from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import lcls_xpp

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_raw


def edit(path: Path, key: str, value: object) -> Path:
    with h5py.File(path, "a") as file:
        del file[key]
        if value is not None:
            file[key] = value
    return path


def test_the_pulse_energy_is_the_monitor(tmp_path: Path) -> None:
    raw = open_raw(lcls_xpp.write(tmp_path))
    np.testing.assert_array_equal(raw.monitor, np.linspace(2000, 4000, 7))
    assert any("3,000 in the median" in note for note in raw.notes)


def test_shots_without_a_position_are_left_out(tmp_path: Path) -> None:
    path = lcls_xpp.write(tmp_path)
    whole = open_raw(path)
    assert whole.positions is not None
    x = whole.positions[:, 1].copy()
    x[2] = np.nan
    raw = open_raw(edit(path, "lmc/ch03", x))
    kept = [0, 1, 3, 4, 5, 6]
    np.testing.assert_array_equal(raw.positions, whole.positions[kept])
    np.testing.assert_array_equal(raw.frames.read(np.array([2])), whole.frames.read(np.array([3])))
    assert raw.monitor is not None
    assert len(raw.monitor) == 6
    assert any("1 shots without a position" in note for note in raw.notes)


def test_a_monitor_of_no_numbers_is_not_told_of(tmp_path: Path) -> None:
    raw = open_raw(edit(lcls_xpp.write(tmp_path), "ipm2/sum", np.full(7, np.nan)))
    assert not any("pulse energy" in note for note in raw.notes)


def test_no_monitor(tmp_path: Path) -> None:
    assert open_raw(edit(lcls_xpp.write(tmp_path), "ipm2/sum", None)).monitor is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("lmc/ch03", np.zeros(6), "7 values of lmc/ch05 but 6"),
        ("lmc/ch03", np.full(7, np.nan), "no shot whose position"),
        ("jungfrau1M/image_img", np.zeros((6, 16, 16)), "6 frames but 7 positions"),
        ("jungfrau1M/image_img", np.zeros((7, 2, 16, 16)), "must be patterns"),
    ],
)
def test_faulty_files(tmp_path: Path, key: str, value: object, words: str) -> None:
    path = edit(lcls_xpp.write(tmp_path), key, value)
    with pytest.raises(ScanError, match=words):
        open_raw(path)
