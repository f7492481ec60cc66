"""Readers of detectors' files: the letter comes out of each in its place, upright, its gaps as bad pixels."""

import importlib
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples import nsls2_style1
from samples import nxmx as nxmx_sample
from samples.letter import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, letter
from samples.on_detector import counts, orchestra

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import PositionColumns, Reading
from ptygui.io import quantities
from ptygui.io.hdf5 import open_hdf5
from ptygui.io.readers.nxmx import NxmxReader
from ptygui.io.registry import open_raw, open_scan, prepare, reader_of

GEOMETRY = Reading(distance_m=DISTANCE_M)
GEOMETRY_BUT_ENERGY = Reading(distance_m=DISTANCE_M, detector_pixel_m=(DETECTOR_PIXEL_M, DETECTOR_PIXEL_M))
ALL_GEOMETRY = GEOMETRY_BUT_ENERGY.over(Reading(energy_ev=ENERGY_EV))
KINDS = {
    "nxmx": ("Eiger / NXmx master", Reading()),
    "lynx": ("APS 31-ID LYNX", Reading()),
    "csaxs": ("SLS cSAXS", Reading()),
    "nanomax": ("MAX IV NanoMAX", GEOMETRY),
    "aps12id": ("APS 12-ID Ptycho-SAXS (processed)", ALL_GEOMETRY),
    "softimax": ("HDF5 by a preset", GEOMETRY_BUT_ENERGY),
    "esrf_bliss": ("ESRF BLISS .h5 (ID13)", ALL_GEOMETRY),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_letter_is_upright_in_its_place(tmp_path: Path, kind: str) -> None:
    name, chosen = KINDS[kind]
    path = importlib.import_module(f"samples.{kind}").write(tmp_path)
    assert reader_of(path).name == name
    scan, truth = prepare(open_raw(path), Preparation(reading=chosen)), letter()
    good = np.ones((16, 16), bool) if scan.bad_pixels is None else ~scan.bad_pixels
    found = scan.batch(np.arange(len(scan))).patterns
    np.testing.assert_allclose(found[:, good], truth.intensities[:, good], atol=0.51)
    moved = scan.positions_px - truth.centres
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=0.1)  # whole nm
    np.testing.assert_allclose(scan.metadata.pixel_size_m, PIXEL_M)
    assert scan.metadata.energy_ev == pytest.approx(ENERGY_EV)
    assert scan.metadata.detector_pixel_m == (DETECTOR_PIXEL_M, DETECTOR_PIXEL_M)
    gaps = {"nxmx": [(r, 1) for r in range(16)] + [(3, 7)], "lynx": [(r, 1) for r in range(16)]}
    assert sorted(map(tuple, np.argwhere(~good).tolist())) == sorted(gaps.get(kind, []))


def test_a_detector_that_is_described_takes_no_scan_from_its_reader(tmp_path: Path) -> None:
    """NSLS-II's Style 1 has the frames at the same place, and positions."""
    path = nsls2_style1.write(tmp_path)
    with h5py.File(path, "a") as file:
        file["entry/instrument/detector/x_pixel_size"] = DETECTOR_PIXEL_M
    assert reader_of(path).name == "NSLS-II Style 1 .h5"


def test_links_that_lead_nowhere_yet_are_told_by_name(tmp_path: Path) -> None:
    raw = open_raw(nxmx_sample.write(tmp_path))
    assert raw.frames.shape == (7, 20, 22)
    assert any("2 are there; from fly001_data_000003.h5 on" in note for note in raw.notes)
    assert raw.extra == {"chi_deg": nxmx_sample.CHI_DEG}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda folder: (folder / "fly001_data_000001.h5").unlink(),
            r"fly001_data_000001\.h5, which is missing",
        ),
        (lambda folder: (folder / "fly001_data_000001.h5").write_bytes(b"no"), "no complete HDF5 file"),
        (
            lambda folder: [path.unlink() for path in folder.glob("*_data_*")],
            r"fly001_data_000001\.h5, which is missing",
        ),
    ],
)
def test_a_missing_part_is_named(tmp_path: Path, spoil: object, words: str) -> None:
    path = nxmx_sample.write(tmp_path)
    spoil(tmp_path)  # type: ignore[operator]
    with pytest.raises(ScanError, match=words) as caught:
        open_raw(path)
    assert str(caught.value).rstrip(".").count(". ") == 0


def test_the_last_file_may_be_just_begun(tmp_path: Path) -> None:
    path = nxmx_sample.write(tmp_path)
    (tmp_path / "fly001_data_000003.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    assert open_raw(path).frames.shape[0] == 7


def test_parts_must_be_of_one_size(tmp_path: Path) -> None:
    path = nxmx_sample.write(tmp_path)
    with h5py.File(tmp_path / "fly001_data_000003.h5", "w") as file:
        file["entry/data/data"] = np.ones((2, 8, 8))
    with pytest.raises(ScanError, match="differ in size"):
        open_raw(path)


def test_without_positions_the_window_can_ask(tmp_path: Path) -> None:
    path = nxmx_sample.write(tmp_path)
    table = (tmp_path / "fly001_pos.csv").rename(tmp_path / "elsewhere.csv")
    raw = open_raw(path)
    assert raw.positions is None
    with pytest.raises(IncompleteScanError) as caught:
        prepare(raw, Preparation())
    assert caught.value.lacks == ("positions_file",)
    encoder = PositionColumns(path=table.name, y=5)
    scan = prepare(raw, Preparation(reading=Reading(positions_file=encoder)))
    moved = scan.positions_px - letter().centres
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=0.1)


def test_virtual_dataset_and_mask_of_another_shape(tmp_path: Path) -> None:
    nxmx_sample.write(tmp_path)
    path = tmp_path / "virtual.nxs"
    layout = h5py.VirtualLayout((7, 20, 22), "u4")
    for part, rows in ((1, slice(0, 4)), (2, slice(4, 7))):
        n = rows.stop - rows.start
        layout[rows] = h5py.VirtualSource(f"fly001_data_{part:06d}.h5", "entry/data/data", (n, 20, 22))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("entry/data/data", layout)
        file["entry/instrument/detector/distance"] = 2.0
    np.testing.assert_array_equal(
        open_raw(path).frames.read(np.array([6, 0])), counts(nxmx_sample.SENTINEL)[[6, 0]].astype(np.float32)
    )
    with h5py.File(path, "a") as file:
        file["entry/instrument/detector/pixel_mask"] = np.zeros((4, 4))
    with pytest.raises(ScanError, match=r"pixel_mask, has the shape \(4, 4\)"):
        open_raw(path)


def test_frames_up_to_the_last_written_one(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("entry/data/data", (9, 20, 22), "u4", chunks=(1, 20, 22))
        data[:7] = counts()
        file["entry/instrument/detector/x_pixel_size"] = 75e-6
    raw = open_raw(tmp_path / "a.h5")
    assert raw.frames.shape == (7, 20, 22)
    np.testing.assert_array_equal(raw.frames.read(np.array([6])), counts()[6:])


@pytest.mark.parametrize(("beam", "shape"), [((0, 0), None), ((99, 3), None), ((np.nan, 3), None)])
def test_a_centre_that_is_none_is_found(tmp_path: Path, beam: tuple[float, float], shape: None) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["entry/data/data"] = counts()
        file["entry/instrument/detector/beam_center_y"] = beam[0]
        file["entry/instrument/detector/beam_center_x"] = beam[1]
    stated = NxmxReader().read(tmp_path / "a.h5").stated
    assert (stated.centre_px, stated.zero_frequency) == (shape, None)


@pytest.mark.parametrize(
    ("read", "value", "unit", "expected", "told"),
    [
        (quantities.length_m, 1994.09, None, 1.99409, True),
        (quantities.length_m, 2.0, None, 2.0, True),
        (quantities.length_m, -200.0, "cm", 2.0, False),
        (quantities.pixel_m, 75.0, None, 75e-6, True),
        (quantities.pixel_m, 0.075, None, 75e-6, True),
        (quantities.pixel_m, 75e-6, "parsec", 75e-6, True),
        (quantities.energy_ev, 13.3, None, 13300.0, True),
        (quantities.energy_ev, 13300.0, b"eV", 13300.0, False),
        (quantities.energy_of_wavelength, 1.0, "angstrom", ENERGY_EV, False),
        (quantities.energy_of_wavelength, 1e-10, None, ENERGY_EV, True),
        (quantities.energy_ev, 0.0, "eV", None, False),
        (quantities.energy_ev, np.nan, "eV", None, False),
    ],
)
def test_units_are_honoured_or_assumed_aloud(
    tmp_path: Path, read: object, value: float, unit: object, expected: float | None, told: bool
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a"] = [value]
        if unit:
            file["a"].attrs["units"] = unit
    with open_hdf5(tmp_path / "a.h5") as file:
        found = read(file, "a")  # type: ignore[operator]
    assert found.value == (None if expected is None else pytest.approx(expected))
    assert (found.note is not None) == told


@pytest.mark.parametrize(("unit", "told"), [(None, False), ("mm", False), ("parsec", True)])
def test_a_strange_unit_is_told_even_where_the_format_fixes_one(
    tmp_path: Path, unit: str | None, told: bool
) -> None:
    path = importlib.import_module("samples.csaxs").write(tmp_path)
    key = "entry/instrument/monochromator/distance"
    with h5py.File(path, "a") as file:
        file[key].attrs.pop("units", None)
        if unit:
            file[key].attrs["units"] = unit
    raw = open_raw(path)
    assert raw.stated.distance_m == pytest.approx(DISTANCE_M)
    assert any("without a unit that is known" in note for note in raw.notes) == told


def test_csaxs_positions_apart(tmp_path: Path) -> None:
    path = importlib.import_module("samples.csaxs").write(tmp_path)
    with h5py.File(path, "a") as file:
        del file["entry/collection"]
    assert open_raw(path).positions is None
    orchestra(tmp_path / "scan_positions/scan_00123.dat", letter().centres)
    moved = open_scan(path).positions_px - letter().centres
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0], moved.shape), atol=1e-4)


def test_faulty_positions_beside_are_left_out_and_told(tmp_path: Path) -> None:
    path = importlib.import_module("samples.lynx").write(tmp_path)
    beside = tmp_path / "specES1/scan_positions/scan_00123.dat"
    beside.write_text(beside.read_text() + "7 8 9\n")
    raw = open_raw(path)
    assert raw.positions is None
    assert any("left out: scan_00123.dat, line 10, has 3 columns" in note for note in raw.notes)


def test_the_pixel_of_a_detector_known_by_its_name_is_a_guess_until_the_user_says_so(tmp_path: Path) -> None:
    raw = open_raw(importlib.import_module("samples.nanomax").write(tmp_path))
    scan = prepare(raw, Preparation(reading=GEOMETRY))
    (guess,) = [one for one in scan.metadata.guesses if one.field == "detector_pixel_m"]
    assert guess.value == "75 µm"
    assert scan.metadata.detector_pixel_m == (75e-6, 75e-6)
    told = Reading(detector_pixel_m=(75e-6, 75e-6)).over(GEOMETRY)
    guesses = prepare(raw, Preparation(reading=told)).metadata.guesses
    assert "detector_pixel_m" not in [one.field for one in guesses]


def test_fewer_positions_than_frames_can_be_used_if_the_user_says_so(tmp_path: Path) -> None:
    raw = open_raw(importlib.import_module("samples.nanomax").write(tmp_path))
    assert raw.positions is not None
    raw = replace(raw, positions=raw.positions[:5])
    with pytest.raises(IncompleteScanError, match="7 patterns but 5 probe positions") as caught:
        prepare(raw, Preparation(reading=GEOMETRY))
    assert caught.value.lacks == ("mismatch",)
    chosen = Reading(distance_m=DISTANCE_M, mismatch="first")
    assert len(prepare(raw, Preparation(reading=chosen))) == 5


def test_series_of_single_frames(tmp_path: Path) -> None:
    """APS 12-ID: a file a point; one point has none, and another scan lies beside."""
    for index, (line, point) in enumerate([(1, 1), (1, 2), (1, 10), (2, 1), (2, 2)]):
        with h5py.File(tmp_path / f"star_00042_{line:05d}_{point:05d}.h5", "w") as file:
            file["entry/data/data"] = counts()[index]
            file["entry/instrument/detector/x_pixel_size"] = 75e-6
    (tmp_path / "star_00043_00001_00001.h5").write_bytes(b"other")
    raw = open_raw(tmp_path / "star_00042_00001_00002.h5")
    np.testing.assert_array_equal(raw.frames.read(np.arange(5)), counts()[:5])
    assert any("1 of 6 points have no file (line/point 2/10)" in note for note in raw.notes)
    assert any("one of 5 files" in note for note in raw.notes)


def test_real_eiger_frame(real_data: Path) -> None:
    raw = open_raw(real_data / "eiger9m_saxs_aps12idb.h5")
    assert raw.frames.shape == (1, 3262, 3108)
    assert raw.stated.centre_px == (209, 1437)
    assert raw.stated.energy_ev == pytest.approx(13300, rel=1e-4)
    assert raw.stated.distance_m == pytest.approx(1.99409)
    assert raw.stated.detector_pixel_m == pytest.approx((75e-6, 75e-6))
    with pytest.raises(IncompleteScanError, match="no probe positions"):
        prepare(raw, Preparation())


def test_real_master_whose_frames_are_missing(real_data: Path) -> None:
    with pytest.raises(ScanError, match=r"lies in Therm_6_2_000001\.h5, which is missing"):
        open_raw(real_data / "DLS_i03_i04_NXmx_Therm_6_2.nxs")
