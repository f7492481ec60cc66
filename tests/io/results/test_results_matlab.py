"""Results of PtychoShelves, fold_slice and PtyLab (ptychoshelves_h5, matlab_result, ptylab_result).

Object, probe and positions explain the patterns."""

import importlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from result_samples.fold_slice_mat import variables
from samples.letter import ENERGY_EV, PIXEL_M, SIZE, letter, matlab_73, pattern
from scipy.io import savemat

from ptygui.io.result_files import ResultError, read_result
from ptygui.io.result_parts import measured
from ptygui.io.result_registry import list_result_readers
from ptygui.jobs.api import what_is

KINDS = ["ptychoshelves_h5", "fold_slice_mat", "fold_slice_mat73", "ptychoshelves_mat", "ptylab_hdf5"]


def sample(kind: str, folder: Path) -> Path:
    path: Path = importlib.import_module(f"result_samples.{kind}").write(folder)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_explains_the_patterns(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    result, truth = read_result(path), letter()
    stage = result.best
    corners = stage.positions_px - stage.image.origin_px - SIZE // 2
    np.testing.assert_allclose(corners, truth.corners, atol=1e-6)
    found = [pattern(stage.image.values, stage.probe[0], corner) for corner in np.rint(corners).astype(int)]
    np.testing.assert_allclose(found, truth.intensities, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(stage.image.pixel_size_m, [PIXEL_M, PIXEL_M])
    assert result.recipe["energy_ev"] == pytest.approx(ENERGY_EV)
    assert what_is(path) == "result"
    assert sum(reader.sniff(path) for reader in list_result_readers()) == 1


def test_layers_that_are_left_out_are_told(tmp_path: Path) -> None:
    result = read_result(sample("fold_slice_mat", tmp_path))
    assert result.best.probe.shape == (2, SIZE, SIZE)
    assert result.notices == ("The object has 2 layers; the first was taken.",)
    assert result.recipe["curves"] == {"Fourier error": [3.0, 2.0]}


def test_modes_of_ptylab(tmp_path: Path) -> None:
    result = read_result(sample("ptylab_hdf5", tmp_path))
    assert result.best.probe.shape == (2, SIZE, SIZE)
    np.testing.assert_allclose(result.best.probe[1], 0.1 * letter().probe, atol=1e-6)
    assert result.best.image.origin_px == (-20, -22)


def test_ptylab_without_positions_says_so(tmp_path: Path) -> None:
    path = sample("ptylab_hdf5", tmp_path)
    with h5py.File(path, "a") as file:
        del file["encoder_corrected"]
    result = read_result(path)
    assert len(result.best.positions_px) == 0
    assert "no positions" in result.notices[0]


def test_ptychoshelves_numbers_in_two_datasets(tmp_path: Path) -> None:
    path = sample("ptychoshelves_h5", tmp_path)
    image = letter().image
    with h5py.File(path, "a") as file:
        del file["reconstruction/p/objects/object_0"]
        file["reconstruction/p/objects/object_0/r"] = image.real
        file["reconstruction/p/objects/object_0/i"] = image.imag
    np.testing.assert_allclose(read_result(path).best.image.values, image, atol=1e-6)


def in_pairs(path: Path) -> None:
    """Write the parts of object and probe apart, under names that end in _r and _i."""
    truth = letter()
    with h5py.File(path, "a") as file:
        for key, values in (("objects/object_0", truth.image), ("probes/probe_0", truth.probe)):
            del file[f"reconstruction/p/{key}"]
            file[f"reconstruction/p/{key}_r"], file[f"reconstruction/p/{key}_i"] = values.real, values.imag


def test_ptychoshelves_numbers_in_pairs_of_names(tmp_path: Path) -> None:
    path, truth = sample("ptychoshelves_h5", tmp_path), letter()
    in_pairs(path)
    assert what_is(path) == "result"
    result = read_result(path)
    np.testing.assert_allclose(result.best.image.values, truth.image, atol=1e-6)
    np.testing.assert_allclose(result.best.probe[0], truth.probe, atol=1e-6)
    assert result.notices == ()


def test_ptychoshelves_parts_must_fit(tmp_path: Path) -> None:
    path = sample("ptychoshelves_h5", tmp_path)
    in_pairs(path)
    with h5py.File(path, "a") as file:
        del file["reconstruction/p/probes/probe_0_i"]
        file["reconstruction/p/probes/probe_0_i"] = np.ones((4, 4))
    with pytest.raises(ResultError, match=r"must have the shape \(16, 16\)"):
        read_result(path)


HDF5_FAULTS = [
    ("reconstruction/p/objects/object_0", np.ones((4, 4)), "must be complex numbers"),
    ("reconstruction/p/objects/object_0", np.zeros(3, [("a", "f4"), ("b", "f4")]), "must hold complex"),
    ("reconstruction/p/probes/probe_0", np.full((4, 4), np.nan, "c8"), "not finite"),
    ("reconstruction/p/positions", np.zeros((7, 3)), "n = 7, 2"),
    ("reconstruction/p/dx_spec", np.zeros(2), "must be the pixel size"),
    ("reconstruction/p/dx_spec", None, "no dataset"),
]


@pytest.mark.parametrize(("key", "value", "words"), HDF5_FAULTS)
def test_faulty_reconstructions(tmp_path: Path, key: str, value: object, words: str) -> None:
    path = sample("ptychoshelves_h5", tmp_path)
    with h5py.File(path, "a") as file:
        del file[key]
        if value is not None:
            file[key] = value
    with pytest.raises(ResultError, match=words):
        read_result(path)


MAT_FAULTS = [
    ({"outputs": {"fourier_error_out": 1.0}}, "neither outputs.probe_positions nor p.positions"),
    ({"outputs": {"probe_positions": np.zeros((7, 3))}}, "n = 7, 2"),
    ({"object": np.full((4, 4), "text")}, "is text|is a char"),
    ({"probe": np.full((4, 4), np.inf)}, "not finite"),
    ({"p": {"dx_spec": -1.0}}, "must be the pixel size"),
]


@pytest.mark.parametrize(("edits", "words"), MAT_FAULTS)
def test_faulty_mat(tmp_path: Path, edits: dict[str, object], words: str) -> None:
    savemat(tmp_path / "a.mat", variables() | edits)
    with pytest.raises(ResultError, match=words):
        read_result(tmp_path / "a.mat")


def test_without_a_pixel_size_lengths_are_unknown(tmp_path: Path) -> None:
    path = matlab_73(tmp_path, "a.mat", **(variables() | {"p": {"asize": 16}}))
    result = read_result(path)
    assert result.best.image.pixel_size_m is None
    assert result.recipe.get("energy_ev") is None


def test_a_signalling_nan_was_not_measured() -> None:
    """Found by fuzzing: comparing it warns."""
    values = np.array([[0, 1, 2]], np.complex64)
    values.real.view(np.uint32)[0, 1] = 0x7FA00000
    np.testing.assert_array_equal(measured(values), [[False, False, True]])
