"""Results of other programs: object, probe and positions together explain the patterns they came from."""

from __future__ import annotations

import importlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples.letter import ENERGY_EV, PIXEL_M, SIZE, letter, pattern

from ptygui.io.result_files import ResultError, peek_record, read_result
from ptygui.io.result_registry import list_result_readers
from ptygui.jobs.api import what_is

KINDS = ["ptychodus_npz", "ptychodus_cxi", "pynx_cxi", "ptypy_ptyr", "nsls2_npy"]


def sample(kind: str, folder: Path) -> Path:
    path: Path = importlib.import_module(f"result_samples.{kind}").write(folder)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_explains_the_patterns(tmp_path: Path, kind: str) -> None:
    result, truth = read_result(sample(kind, tmp_path)), letter()
    stage = result.best
    corners = stage.positions_px - stage.image.origin_px - SIZE // 2
    np.testing.assert_allclose(corners, np.rint(corners), atol=1e-3)
    found = [pattern(stage.image.values, stage.probe[0], corner) for corner in np.rint(corners).astype(int)]
    np.testing.assert_allclose(found, truth.intensities, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(stage.image.pixel_size_m, [PIXEL_M, PIXEL_M])
    assert result.recipe["energy_ev"] == pytest.approx(ENERGY_EV)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_result_and_no_scan(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    assert what_is(path) == "result"
    assert peek_record(path) is None
    assert sum(reader.sniff(path) for reader in list_result_readers()) == 1


def test_curves_are_kept(tmp_path: Path) -> None:
    ptypy = read_result(sample("ptypy_ptyr", tmp_path)).recipe
    assert ptypy["curves"] == {"magnitudes": [3.0, 2.0], "photons": [30.0, 20.0], "exit waves": [0.3, 0.2]}
    assert read_result(sample("ptychodus_npz", tmp_path)).recipe["curves"] == {"loss": [3.0, 2.0, 1.0]}


def test_what_pynx_did_not_scan_does_not_count(tmp_path: Path) -> None:
    covered = read_result(sample("pynx_cxi", tmp_path)).best.image.covered
    assert not covered[0].any()
    assert covered[1:].all()


def test_a_reconstruction_of_ptypys_without_positions_says_so(tmp_path: Path) -> None:
    path = sample("ptypy_ptyr", tmp_path)
    with h5py.File(path, "a") as file:
        del file["content/positions"]
        file["content/obj/Sscan_01G00/data"] = np.ones((1, 8, 8), "c8")
    result = read_result(path)
    assert result.best.positions_px.shape == (0, 2)
    assert ["2 scans" in result.notices[0], "no positions" in result.notices[1]] == [True, True]


def test_a_position_told_for_each_probe_mode_counts_once(tmp_path: Path) -> None:
    path = sample("ptypy_ptyr", tmp_path)
    whole = read_result(path).best.positions_px
    with h5py.File(path, "a") as file:
        for key in ("content/probe/Sscan_00G00/data", "content/positions/Sscan_00G00"):
            values = np.repeat(file[key][()], 2, axis=0)
            del file[key]
            file[key] = values
    np.testing.assert_allclose(read_result(path).best.positions_px, whole)


FAULTS = [
    ("ptypy_ptyr", "content/obj/Sscan_00G00/_psize", np.zeros(2), "pixel size"),
    ("ptypy_ptyr", "content/probe/Sscan_00G00/data", np.ones((1, 16, 16)), "must be complex"),
    ("pynx_cxi", "entry_2/result_1/x_pixel_size", 0.0, "x_pixel_size"),
    ("pynx_cxi", "entry_2/result_1/row_coords", np.zeros(3), "40 lengths"),
    ("pynx_cxi", "entry_2/result_5/data", np.zeros(7), "positions"),
    ("ptychodus_cxi", "entry_1/sample_1/geometry_1/translation", np.zeros(7), r"\(n, 3\)"),
]


@pytest.mark.parametrize(("kind", "key", "value", "words"), FAULTS)
def test_faults_are_told_in_one_sentence(
    tmp_path: Path, kind: str, key: str, value: object, words: str
) -> None:
    path = sample(kind, tmp_path)
    with h5py.File(path, "a") as file:
        del file[key]
        file[key] = value
    with pytest.raises(ResultError, match=words) as caught:
        read_result(path)
    assert path.name in str(caught.value)
    assert str(caught.value).rstrip(".").count(". ") == 0
