"""CXI, NXptycho, Diamond NeXus, .ptyd and Ptychodus' patterns: what is peculiar to each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples.cxi import DETECTOR
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.scan import Scan
from ptygui.io.registry import open_raw, open_scan, reader_of

FORMATS = {
    "cxi": "CXI",
    "nxptycho": "NXptycho (NeXus)",
    "diamond_nexus": "Diamond NeXus",
    "ptypy_ptyd": "ptypy data (.ptyd)",
    "ptychodus_npz": "Ptychodus diffraction (.npz)",
    "ptychodus_dp": "paired HDF5 (_dp and _para)",
}


def sample(kind: str, folder: Path) -> Path:
    path: Path = importlib.import_module(f"samples.{kind}").write(folder)
    return path


def patterns(scan: Scan) -> np.ndarray:
    return scan.batch(np.arange(len(scan))).patterns


def edited(path: Path, change: Callable[[h5py.File], object]) -> Path:
    with h5py.File(path, "a") as file:
        change(file)
    return path


def replace(key: str, value: object) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        if key in file:
            del file[key]
        if value is not None:
            file[key] = value

    return change


@pytest.mark.parametrize("kind", FORMATS)
def test_the_letter_comes_out_upright_in_its_place(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    assert reader_of(path).name == FORMATS[kind]
    scan, truth = open_scan(path), letter()
    np.testing.assert_allclose(patterns(scan), truth.intensities, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(scan.positions_px, truth.centres, atol=1e-6)
    np.testing.assert_allclose(scan.metadata.pixel_size_m, [PIXEL_M, PIXEL_M], rtol=1e-6)
    assert scan.metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert scan.metadata.distance_m == pytest.approx(DISTANCE_M)
    assert scan.positions.unit == "m"


# CXI.


def test_a_cxi_mask_is_bits_and_darks_are_averaged(tmp_path: Path) -> None:
    raw = open_raw(sample("cxi", tmp_path))
    assert raw.bad_pixels is not None
    assert np.argwhere(raw.bad_pixels).tolist() == [[0, 3], [2, 5]]
    assert raw.dark is not None
    assert (raw.dark == 1).all()
    assert raw.probe is not None
    np.testing.assert_allclose(raw.probe[0], letter().probe, rtol=1e-6)
    assert raw.extra["title"] == "F"


TRANSLATIONS = {
    "n x 3": lambda t: t.T,
    "3 x n": lambda t: t,
    "n x 2": lambda t: t[:2].T,
    "a raster": lambda t: t.T[None],
}


@pytest.mark.parametrize("form", TRANSLATIONS)
@pytest.mark.parametrize("place", ["entry_1/data_1/translation", f"{DETECTOR}/translation"])
def test_translations_in_any_form_and_place(tmp_path: Path, form: str, place: str) -> None:
    path = sample("cxi", tmp_path)
    with h5py.File(path, "a") as file:
        values = file["entry_1/sample_1/geometry_1/translation"][()]
        del file["entry_1/sample_1/geometry_1"]
        file[place] = TRANSLATIONS[form](values) * 1e6
        file[place].attrs["units"] = "um"
    np.testing.assert_allclose(open_scan(path).positions_px, letter().centres, atol=1e-6)


def test_three_patterns_with_three_rows_are_told(tmp_path: Path) -> None:
    path = sample("cxi", tmp_path)
    with h5py.File(path, "a") as file:
        moved = file["entry_1/sample_1/geometry_1/translation"][:, :3]
        replace("entry_1/sample_1/geometry_1/translation", moved.T)(file)
        replace(f"{DETECTOR}/data", letter().intensities[:3])(file)
    raw = open_raw(path)
    assert [guess.value for guess in raw.guesses] == ["(n, 3)"]
    np.testing.assert_allclose(raw.positions, letter().centres[:3] * PIXEL_M)


BASES = {
    "slow down, fast left": ([0, -1, 0], [-1, 0, 0], 0),
    "slow down, fast right": ([0, -1, 0], [1, 0, 0], 1),
    "slow up, fast left": ([0, 1, 0], [-1, 0, 0], 2),
    "slow up, fast right": ([0, 1, 0], [1, 0, 0], 3),
    "slow left, fast down": ([-1, 0, 0], [0, -1, 0], 4),
    "slow left, fast up": ([-1, 0, 0], [0, 1, 0], 5),
    "slow right, fast down": ([1, 0, 0], [0, -1, 0], 6),
    "slow right, fast up": ([1, 0, 0], [0, 1, 0], 7),
}


@pytest.mark.parametrize("name", BASES)
def test_positions_run_along_the_frames_axes(tmp_path: Path, name: str) -> None:
    """The probe moves against the sample; a place is how far along the detector's slow and fast axis."""
    slow, fast, _ = BASES[name]
    basis = np.array([slow, fast]) * DETECTOR_PIXEL_M
    path = edited(sample("cxi", tmp_path), replace(f"{DETECTOR}/basis_vectors", basis))
    with h5py.File(path) as file:
        moved = file["entry_1/sample_1/geometry_1/translation"][()]
    expected = np.stack([-np.array(slow) @ moved, -np.array(fast) @ moved], axis=1)
    np.testing.assert_allclose(open_scan(path).positions.values, expected, atol=1e-15)
    assert open_raw(path).stated.positions_orientation == BASES[name][2]


def test_a_raster_is_flattened_without_being_read(tmp_path: Path) -> None:
    truth = letter()
    path = sample("cxi", tmp_path)
    with h5py.File(path, "a") as file:
        raster = truth.intensities[:6].reshape(2, 3, 16, 16)
        replace(f"{DETECTOR}/data", raster)(file)
        moved = file["entry_1/sample_1/geometry_1/translation"][:, :6]
        replace("entry_1/sample_1/geometry_1/translation", moved)(file)
    frames = open_raw(path).frames
    assert frames.shape == (6, 16, 16)
    np.testing.assert_allclose(frames.read(np.array([4, 1])), truth.intensities[[4, 1]], rtol=1e-5)


def test_joule_are_the_rule_but_not_what_no_photon_has(tmp_path: Path) -> None:
    key = "entry_1/instrument_1/source_1/energy"
    raw = open_raw(edited(sample("cxi", tmp_path), replace(key, ENERGY_EV)))
    assert raw.stated.energy_ev == pytest.approx(ENERGY_EV)
    assert [guess.field for guess in raw.guesses] == ["energy_ev"]
    wavelength = "entry_1/instrument_1/source_1/wavelength"
    path = edited(edited(tmp_path / "letter.cxi", replace(key, None)), replace(wavelength, 1e-10))
    assert open_raw(path).stated.energy_ev == pytest.approx(ENERGY_EV)


def test_patterns_without_a_translation_lack_positions(tmp_path: Path) -> None:
    path = edited(sample("cxi", tmp_path), replace("entry_1/sample_1/geometry_1/translation", None))
    with pytest.raises(IncompleteScanError, match="no probe positions") as caught:
        open_scan(path)
    assert caught.value.lacks == ("positions_file",)


def test_what_does_not_fit_is_left_out_and_told(tmp_path: Path) -> None:
    path = sample("cxi", tmp_path)
    edited(path, replace(f"{DETECTOR}/mask", np.zeros((8, 8), np.uint32)))
    edited(path, replace("entry_1/instrument_1/source_1/illumination", np.ones((8, 8), "c8")))
    edited(path, replace("entry_1/image_2/data", np.ones((40, 44), "c8")))
    raw = open_raw(path)
    assert raw.bad_pixels is None
    assert raw.probe is None
    assert sorted(note.split()[0] for note in raw.notes) == ["Left", "The", "The"]


# NeXus.


def test_units_and_directions_of_motors_are_honoured(tmp_path: Path) -> None:
    raw = open_raw(sample("nxptycho", tmp_path))
    np.testing.assert_allclose(raw.positions, letter().centres * PIXEL_M)
    np.testing.assert_allclose(raw.monitor, np.linspace(1, 2, 7))
    assert raw.stated.zero_frequency == "centre"


def test_the_beams_centre_counts_where_it_is_told(tmp_path: Path) -> None:
    key = "entry_1/instrument_1/detector_1/beam_center_x"
    raw = open_raw(edited(sample("nxptycho", tmp_path), replace(key, 5.2)))
    assert (raw.stated.zero_frequency, raw.stated.centre_px) == ("detector", (8, 5))
    raw = open_raw(edited(tmp_path / "scan.nxs", replace(key, 99.0)))
    assert raw.stated.zero_frequency is None
    assert "outside" in raw.notes[0]


@pytest.mark.parametrize(
    ("told", "unit", "col"),
    [
        (4.9, "pixels", 5),
        (5.4, "pixels", 5),
        (5.5, "pixels", 5),  # the middle of pixel 5, counted from the edge of the first one
        (5.6, "pixels", 6),
        (3 * DETECTOR_PIXEL_M * (1 - 1e-12), "m", 3),
        (3.5 * DETECTOR_PIXEL_M * (1 + 1e-12), "m", 3),
    ],
)
def test_the_beams_centre_is_the_nearest_pixel(tmp_path: Path, told: float, unit: str, col: int) -> None:
    path = sample("nxptycho", tmp_path)
    with h5py.File(path, "a") as file:
        key = "entry_1/instrument_1/detector_1/beam_center_x"
        file[key][()] = told
        file[key].attrs["units"] = unit
    assert open_raw(path).stated.centre_px == (8, col)


@pytest.mark.parametrize("unit", ["furlong", ""])
def test_an_energy_in_no_known_unit_is_not_told(tmp_path: Path, unit: str) -> None:
    path = sample("nxptycho", tmp_path)
    with h5py.File(path, "a") as file:
        file["entry_1/instrument_1/beam_1/energy"].attrs["units"] = unit
    raw = open_raw(path)
    assert raw.stated.energy_ev is None
    assert "beam_1/energy" in raw.notes[0]


def test_two_axes_make_a_raster(tmp_path: Path) -> None:
    path = sample("diamond_nexus", tmp_path)
    with h5py.File(path, "a") as file:
        replace("entry_1/data/data", letter().intensities[:6].reshape(3, 2, 16, 16))(file)
        replace("entry_1/data/y", np.arange(3) * 1e-6)(file)
        replace("entry_1/data/x", np.arange(2) * 1e-7)(file)
    expected = [[y * 1e-6, x * 1e-7] for y in range(3) for x in range(2)]
    np.testing.assert_allclose(open_raw(path).positions, expected)


# ptypy.


def test_ptypys_none_and_weights(tmp_path: Path) -> None:
    raw = open_raw(sample("ptypy_ptyd", tmp_path))
    assert raw.name == "moon"
    assert raw.bad_pixels is not None
    assert np.argwhere(raw.bad_pixels).tolist() == [[0, 1]]
    assert raw.extra == {"version": "0.1"}
    assert raw.stated.zero_frequency == "centre"


def test_a_chunk_whose_file_is_missing_is_skipped(tmp_path: Path) -> None:
    path = sample("ptypy_ptyd", tmp_path)
    (tmp_path / "moon.ptyd.part002").unlink()
    scan = open_scan(path)
    np.testing.assert_allclose(scan.positions_px, letter().centres[:3], atol=1e-6)
    np.testing.assert_allclose(patterns(scan), letter().intensities[:3], rtol=1e-5, atol=1e-3)
    assert "moon.ptyd.part002, which is missing" in scan.metadata.notes[0]


def test_a_chunk_that_does_not_fit_itself_is_skipped(tmp_path: Path) -> None:
    path = edited(sample("ptypy_ptyd", tmp_path), replace("chunks/0/positions", np.ones((5, 2))))
    raw = open_raw(path)
    np.testing.assert_allclose(raw.positions, letter().centres[2:] * PIXEL_M)
    assert "Of 3 chunks 1 were left out" in raw.notes[0]
    assert "2 patterns but 5 positions" in raw.notes[0]


def test_positions_of_a_chunk_may_stand_with_the_scans(tmp_path: Path) -> None:
    path = sample("ptypy_ptyd", tmp_path)
    with h5py.File(path, "a") as file:
        for name in ("0", "2", "10"):
            file[f"chunks/{name}/positions"].attrs["type"] = "None"
    np.testing.assert_allclose(open_scan(path).positions_px, letter().centres, atol=1e-6)


def test_a_centre_elsewhere_is_stated(tmp_path: Path) -> None:
    path = sample("ptypy_ptyd", tmp_path)
    edited(path, replace("meta/center", np.array([7.0, 6.4])))
    assert open_raw(path).stated.centre_px == (7, 6)
    edited(path, replace("meta/center", np.zeros(2)))
    assert open_raw(path).stated.zero_frequency == "corner"


# Ptychodus.


def test_a_product_names_its_patterns_by_their_numbers(tmp_path: Path) -> None:
    raw = open_raw(sample("ptychodus_npz", tmp_path))
    assert raw.bad_pixels is not None
    assert np.argwhere(raw.bad_pixels).tolist() == [[2, 5]]
    assert raw.probe is not None
    assert raw.reference_object is not None
    assert raw.reference_object.origin_px == pytest.approx((0, 0))


def test_cxi_without_a_translation_takes_that_of_the_product_beside(tmp_path: Path) -> None:
    path = edited(sample("cxi", tmp_path), replace("entry_1/sample_1/geometry_1/translation", None))
    importlib.import_module("result_samples.ptychodus_cxi").write(tmp_path)
    np.testing.assert_allclose(open_scan(path).positions_px, letter().centres, atol=1e-6)


@pytest.mark.parametrize("kind", ["ptychodus_npz", "ptychodus_dp"])
def test_patterns_alone_lack_positions(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    for product in tmp_path.glob("product*"):
        product.unlink()
    raw = open_raw(path)
    assert raw.positions is None
    assert "no product" in raw.notes[0]
    with pytest.raises(IncompleteScanError):
        open_scan(path)


@pytest.mark.parametrize("kind", ["cxi", "diamond_nexus", "ptychodus_dp"])
def test_what_is_beyond_single_precision_is_a_bad_pixel(tmp_path: Path, kind: str) -> None:
    frames = letter().intensities
    frames[:, 0, 0] = 1e300
    key = {"cxi": f"{DETECTOR}/data", "diamond_nexus": "entry_1/data/data", "ptychodus_dp": "dp"}[kind]
    scan = open_scan(edited(sample(kind, tmp_path), replace(key, frames)))
    assert scan.bad_pixels is not None
    assert scan.bad_pixels[0, 0]


FAULTS = [
    ("cxi", replace(f"{DETECTOR}/data", np.ones((16, 16))), r"real numbers of shape \(n, H, W\)"),
    ("cxi", replace("entry_1/sample_1/geometry_1/translation", np.ones((7, 5))), r"\(n, 3\) or \(3, n\)"),
    ("cxi", replace("entry_1/sample_1/geometry_1/translation", np.ones((3, 5))), "7 patterns but 5"),
    ("cxi", replace("entry_1/data_1/data", h5py.ExternalLink("raw.h5", "/d")), r"raw\.h5, which is missing"),
    ("cxi", replace("entry_1/data_1/data", h5py.SoftLink("/entry_1/data_1/data")), "no ptychography scan"),
    ("nxptycho", replace("entry_1/sample_1/transformations/x", np.ones(5)), "7 positions y but 5"),
    ("nxptycho", replace("entry_1/sample_1/transformations/x", np.ones(7, "c8")), "as lengths"),
    ("ptypy_ptyd", replace("chunks/0/data", np.ones((2, 8, 8))), r"\(8, 8\) and of \(16, 16\)"),
    ("ptypy_ptyd", replace("chunks", h5py.SoftLink("/info")), "no chunk"),
]


@pytest.mark.parametrize(("kind", "fault", "words"), FAULTS)
def test_faults_are_told_in_one_sentence(
    tmp_path: Path, kind: str, fault: Callable[[h5py.File], None], words: str
) -> None:
    path = edited(sample(kind, tmp_path), fault)
    with pytest.raises(ScanError, match=words) as caught:
        open_scan(path)
    assert path.stem in str(caught.value)
    assert str(caught.value).rstrip(".").count(". ") == 0
