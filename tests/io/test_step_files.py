"""Masks, darks, flats and probes in files: numbers come in, everything else is one sentence."""

from contextlib import suppress
from dataclasses import replace

import h5py
import numpy as np
import pytest
import scipy.io
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.preparation import FileProbe, MaskFile, Preparation, Window
from ptygui.core.probe import probe_similarity
from ptygui.core.scan import ObjectImage
from ptygui.core.simulate import lines_scan
from ptygui.io.registry import open_raw, open_scan, prepare
from ptygui.io.result_files import write_checkpoint
from ptygui.io.step_files import StepFiles, load_array
from ptygui.io.writers.ptychopinn import write_ptychopinn

VALUES = np.arange(12.0).reshape(3, 4)


def write_npy(path):
    np.save(path, VALUES)


def write_npy_fortran(path):
    np.save(path, np.asfortranarray(VALUES))


def write_npz(path):
    np.savez(path, mask=VALUES, numbers=np.arange(3))


def write_hdf5(path):
    with h5py.File(path, "w") as file:
        file["entry/mask"] = VALUES
        file["entry/name"] = "nothing"


def write_matlab(path):
    scipy.io.savemat(path, {"mask": VALUES, "words": "text"})


def write_matlab_73(path):
    with h5py.File(path, "w", userblock_size=512) as file:
        file["mask"] = VALUES.T  # MATLAB's axes lie in the opposite order
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


def write_tiff(path):
    tifffile.imwrite(path, VALUES)


WRITERS = {
    "a.npy": (write_npy, ""),
    "f.npy": (write_npy_fortran, ""),
    "a.npz": (write_npz, "mask"),
    "b.npz": (write_npz, ""),
    "a.h5": (write_hdf5, "entry/mask"),
    "b.h5": (write_hdf5, ""),
    "a.mat": (write_matlab, "mask"),
    "b.mat": (write_matlab_73, "mask"),
    "a.tif": (write_tiff, ""),
}


@pytest.mark.parametrize("name", WRITERS)
def test_numbers_of_every_kind_of_file_come_in_as_they_are(tmp_path, name):
    write, key = WRITERS[name]
    write(tmp_path / name)
    np.testing.assert_array_equal(load_array(tmp_path / name, key, "a mask"), VALUES)


@pytest.mark.parametrize("name", WRITERS)
def test_the_start_of_a_file_is_refused_in_a_sentence(tmp_path, name):
    write, key = WRITERS[name]
    write(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    for length in (0, 3, 20, len(data) // 2):
        (tmp_path / name).write_bytes(data[:length])
        with pytest.raises(ScanError) as caught:
            load_array(tmp_path / name, key, "a mask")
        assert name in str(caught.value)
        assert str(caught.value).endswith(".")


@given(at=st.integers(0, 4000), value=st.integers(0, 255), name=st.sampled_from(sorted(WRITERS)))
def test_a_changed_byte_makes_no_crash(tmp_path_factory, at, value, name):
    write, key = WRITERS[name]
    path = tmp_path_factory.mktemp("changed") / name
    write(path)
    data = bytearray(path.read_bytes())
    data[at % len(data)] = value
    path.write_bytes(data)
    with suppress(ScanError):
        assert load_array(path, key, "a mask").dtype.kind in "buifc"


def test_what_is_not_there_or_not_clear_is_named(tmp_path):
    with pytest.raises(ScanError, match="There is no file .*a.npy with a mask"):
        load_array(tmp_path / "a.npy", "", "a mask")
    (tmp_path / "words.txt").write_text("no numbers")
    with pytest.raises(ScanError, match="words.txt cannot be read as a dark: give an .npy"):
        load_array(tmp_path / "words.txt", "", "a dark")
    np.savez(tmp_path / "two.npz", a=VALUES, b=VALUES)
    with pytest.raises(ScanError, match="two.npz holds 2 arrays: name a mask among a, b"):
        load_array(tmp_path / "two.npz", "", "a mask")
    with pytest.raises(ScanError, match="no key c; it has a, b"):
        load_array(tmp_path / "two.npz", "c", "a mask")
    write_matlab(tmp_path / "a.mat")
    with pytest.raises(ScanError, match="a.mat, key c, is not there; the file has mask, words"):
        load_array(tmp_path / "a.mat", "c", "a mask")
    with pytest.raises(ScanError, match="cannot be read as a mask"):
        load_array(tmp_path, "", "a mask")


def test_objects_and_texts_are_refused_without_being_loaded(tmp_path):
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ScanError, match="pickled Python objects, which ptygui never loads"):
        load_array(tmp_path / "pickle.npy", "", "a mask")
    scipy.io.savemat(tmp_path / "cell.mat", {"cell": np.array([["a", 1]], dtype=object)})
    with pytest.raises(ScanError, match="cell.mat, key cell, is a cell array"):
        load_array(tmp_path / "cell.mat", "cell", "a mask")
    np.save(tmp_path / "none.npy", np.zeros((0, 4)))
    with pytest.raises(ScanError, match="empty"):
        load_array(tmp_path / "none.npy", "", "a mask")


@pytest.fixture
def scan():
    return lines_scan(32, object_px=70, step_px=12.0, photons_per_pattern=1e5)


def test_steps_find_their_files_beside_the_patterns(tmp_path, scan, monkeypatch):
    write_ptychopinn(scan, tmp_path / "scan.npz")
    np.save(tmp_path / "mask.npy", np.eye(32))
    monkeypatch.chdir(tmp_path.parent)
    preparation = Preparation(steps=(MaskFile(path="mask.npy"), Window(size_px=(16, 16))))
    opened = open_scan(tmp_path / "scan.npz", preparation=preparation)
    np.testing.assert_array_equal(opened.bad_pixels, np.eye(16, dtype=bool))
    assert opened.metadata.preparation == preparation
    again = prepare(open_raw(tmp_path / "scan.npz"), preparation)
    np.testing.assert_array_equal(again.bad_pixels, opened.bad_pixels)
    with pytest.raises(
        ScanError, match=r"^scan.npz: Step 1 \(mask from a file\): There is no file .*gone.npy"
    ):
        open_scan(tmp_path / "scan.npz", preparation=Preparation(steps=(MaskFile(path="gone.npy"),)))


@pytest.mark.parametrize("kind", ["scan", "array", "named"])
def test_a_probe_comes_from_a_scan_or_an_array(tmp_path, scan, kind):
    probe = scan.probe
    if kind == "scan":
        write_ptychopinn(scan, tmp_path / "from.npz")
        step = FileProbe(path="from.npz")
    elif kind == "array":
        np.save(tmp_path / "from.npy", probe[0])
        step = FileProbe(path="from.npy")
    else:
        scipy.io.savemat(tmp_path / "from.mat", {"probe": np.moveaxis(np.concatenate([probe, probe]), 0, 2)})
        step = FileProbe(path="from.mat", key="probe")
    write_ptychopinn(replace(scan, probe=None), tmp_path / "scan.npz")
    opened = open_scan(tmp_path / "scan.npz", preparation=Preparation(steps=(step,)))
    assert probe_similarity(opened.probe, probe) == pytest.approx(1, abs=1e-4)
    assert len(opened.probe) == (2 if kind == "named" else 1)


def test_a_probe_of_a_result_knows_its_pixel(tmp_path, scan):
    image = ObjectImage(np.ones((9, 9), np.complex64), np.ones((9, 9), bool), pixel_size_m=(2e-8, 3e-8))
    stage = StageResult("refined", image, scan.probe, scan.positions_px, None, None, 1.0)
    write_checkpoint(tmp_path / "result.npz", Reconstruction((stage,), "lines", {}, 1.0))
    found = StepFiles(tmp_path).probe("result.npz", "")
    np.testing.assert_array_equal(found.values, scan.probe)
    assert found.pixel_size_m == (2e-8, 3e-8)


def test_what_is_no_probe_is_refused(tmp_path, scan):
    files = StepFiles(tmp_path)
    np.save(tmp_path / "counts.npy", np.ones((4, 4), int))
    with pytest.raises(ScanError, match="counts.npy must be a probe, complex"):
        files.probe("counts.npy", "")
    np.save(tmp_path / "zero.npy", np.zeros((4, 4)))
    with pytest.raises(ScanError, match="empty or not finite"):
        files.probe("zero.npy", "")
    write_ptychopinn(replace(scan, probe=None), tmp_path / "scan.npz")
    with pytest.raises(ScanError, match="without a probe"):
        files.probe("scan.npz", "")
