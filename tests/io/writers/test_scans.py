"""Scans are written so that a plain reader of the public definition finds all of them, bit by bit."""

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from asymmetric_scan import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, Endless, all_patterns, scan

from ptygui.core.errors import ExportError, ScanError
from ptygui.core.events import Notice, Progress, Written
from ptygui.core.preparation import Preparation
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.scan import ProbePositions, Scan, ScanMetadata
from ptygui.io.convert import scan_format, write_scan
from ptygui.io.registry import open_scan
from ptygui.io.writers.scan_registry import list_scan_writers
from ptygui.io.writers.stack import BATCH_BYTES, look

ELEMENTARY_CHARGE = 1.602176634e-19
NAMES = [writer.name for writer in list_scan_writers()]
WITH_PATTERNS = [name for name in NAMES if name != "csv"]


def write(folder: Path, name: str, what: Scan | None = None, **options: bool) -> tuple[tuple[Path, ...], str]:
    """Write and return the files and what was said."""
    writer = scan_format(folder, name)
    assert writer is not None
    events = list(write_scan(what or scan(), writer, folder / f"x{writer.endings[0]}", **options))
    assert isinstance(events[-1], Written)
    return events[-1].paths, " ".join(event.text for event in events if isinstance(event, Notice))


def text(item: h5py.Dataset) -> str:
    return item.asstr()[()]


def test_cxi_by_its_definition(tmp_path: Path) -> None:
    (path,), said = write(tmp_path, "cxi")
    assert said == "CXI has no place for the object, which is left out."
    truth = scan()
    with h5py.File(path) as file:
        assert file["cxi_version"][()] == 160
        entry = file["entry_1"]
        detector = entry["instrument_1/detector_1"]
        np.testing.assert_array_equal(entry["data_1/data"], all_patterns(truth))
        assert detector["data"].dtype == np.uint32  # 70000 needs it, and nothing more
        assert detector["data"].attrs["axes"] == "translation:y:x"
        assert entry["instrument_1/source_1/energy"][()] == pytest.approx(ENERGY_EV * ELEMENTARY_CHARGE)
        assert detector["distance"][()] == DISTANCE_M
        assert (detector["y_pixel_size"][()], detector["x_pixel_size"][()]) == DETECTOR_PIXEL_M
        np.testing.assert_array_equal(detector["mask"], truth.bad_pixels.astype(np.uint32))
        assert detector["mask"].dtype == np.uint32
        np.testing.assert_array_equal(detector["data_dark"], truth.dark)
        np.testing.assert_array_equal(detector["qe_mask"], truth.flat)
        np.testing.assert_array_equal(entry["data_1/intensities"], truth.monitor)
        np.testing.assert_array_equal(entry["instrument_1/source_1/illumination"], truth.probe)
        check_sample_motion(entry["data_1/translation"][()], detector["basis_vectors"][()])
        assert json.loads(text(entry["process_1/note_1/data"]))["scan"] == "näïve"


def check_sample_motion(translation: np.ndarray, basis: np.ndarray) -> None:
    """The beam moves over the sample against the sample's motion; rows and columns lie along the basis."""
    along = -translation @ np.linalg.pinv(basis)  # (n, 2) multiples of one detector pixel
    metres = along * np.array(DETECTOR_PIXEL_M)
    np.testing.assert_allclose(metres, scan().positions.values, rtol=1e-12)


def test_cxi_puts_the_middle_pixel_on_the_beam(tmp_path: Path) -> None:
    (path,), _ = write(tmp_path, "cxi")
    with h5py.File(path) as file:
        detector = file["entry_1/instrument_1/detector_1"]
        middle = detector["corner_position"][()] + (np.array([3, 5]) + 0.5) @ detector["basis_vectors"][()]
    np.testing.assert_allclose(middle, (0, 0, DISTANCE_M), atol=1e-18)


def test_nxptycho_by_its_definition(tmp_path: Path) -> None:
    (path,), said = write(tmp_path, "nxptycho")
    assert said == "NXptycho has no place for the probe and the object, which are left out."
    truth = scan()
    with h5py.File(path) as file:
        entry = file["entry_1"]
        assert text(entry["definition"]) == "NXptycho"
        detector = entry["instrument_1/detector_1"]
        for place in ("instrument_1/detector_1/data", "data/data", "data_1/data"):
            np.testing.assert_array_equal(entry[place], all_patterns(truth))
        metres = truth.positions.values
        for place in ("sample_1/transformations", "data"):
            np.testing.assert_array_equal(entry[place]["y"], metres[:, 0])
            np.testing.assert_array_equal(entry[place]["x"], metres[:, 1])
        np.testing.assert_array_equal(detector["translation"][:, :2], metres[:, ::-1])
        beam = entry["instrument_1/beam_1/energy"]
        assert beam.attrs["units"] == "J"
        assert beam[()] == pytest.approx(ENERGY_EV * ELEMENTARY_CHARGE)
        lengths = {"distance": DISTANCE_M, "y_pixel_size": 75e-6, "x_pixel_size": 55e-6}
        assert {key: (detector[key][()], detector[key].attrs["units"]) for key in lengths} == {
            key: (value, "m") for key, value in lengths.items()
        }
        assert (detector["beam_center_y"][()], detector["beam_center_x"][()]) == (3, 5)
        np.testing.assert_array_equal(detector["pixel_mask"], truth.bad_pixels.astype(np.uint32))
        classes: dict[str, str] = {}
        entry.visititems(
            lambda name, item: (
                classes.update({name: item.attrs["NX_class"]}) if isinstance(item, h5py.Group) else None
            )
        )
        assert classes["instrument_1/detector_1"] == "NXdetector"
        assert all(classes.values())


@pytest.mark.parametrize("name", ["ptychodus", "ptychodus-npz"])
def test_pair_of_ptychodus_by_its_definition(tmp_path: Path, name: str) -> None:
    (patterns, product), said = write(tmp_path, name)
    assert patterns.stem == "x_dp"
    assert product.stem == "x_para"
    assert "the dark, the flat field, the monitor" in said
    truth = scan()
    if name == "ptychodus":
        with h5py.File(patterns) as file:
            np.testing.assert_array_equal(file["dp"], all_patterns(truth))
        with h5py.File(product) as file:
            values = {key: item[()] for key, item in file.items()} | dict(file.attrs)
            values |= {f"object_{key}": value for key, value in file["object"].attrs.items()}
            values |= {f"probe_{key}": value for key, value in file["probe"].attrs.items()}
    else:
        with np.load(patterns, allow_pickle=False) as file:
            np.testing.assert_array_equal(file["patterns"], all_patterns(truth))
            np.testing.assert_array_equal(file["bad_pixels"], truth.bad_pixels)
            np.testing.assert_array_equal(file["indexes"], np.arange(7))
        with np.load(product, allow_pickle=False) as file:
            values = dict(file)
    check_product(values)


def check_product(values: dict) -> None:
    truth = scan()
    assert values["photon_energy_eV"] == values["probe_energy_eV"] == ENERGY_EV
    assert values["detector_object_distance_m"] == DISTANCE_M
    assert (values["probe_pixel_height_m"], values["probe_pixel_width_m"]) == PIXEL_M
    np.testing.assert_array_equal(values["probe"], truth.probe)
    np.testing.assert_array_equal(values["object"], truth.reference_object.values[np.newaxis])
    assert (values["object_center_x_m"], values["object_center_y_m"]) == (0, 0)
    col = values["probe_position_x_m"] / values["object_pixel_width_m"] + 90 / 2
    row = values["probe_position_y_m"] / values["object_pixel_height_m"] + 70 / 2
    in_array = truth.positions_px - truth.reference_object.origin_px
    np.testing.assert_allclose(np.stack([row, col], axis=1), in_array, atol=1e-9)
    assert json.loads(str(values["comments"]))["scan"] == "näïve"


def test_a_pair_without_an_object_gets_a_flat_one_that_the_probe_never_leaves(tmp_path: Path) -> None:
    bare = scan(flat=True)
    (_, product), said = write(tmp_path, "ptychodus", bare)
    assert "lacks the probe" in said
    with h5py.File(product) as file:
        _, rows, cols = file["object"].shape
        assert (file["object"][()] == 1).all()
        middle = np.stack(
            [file["probe_position_y_m"][()] / PIXEL_M[0], file["probe_position_x_m"][()] / PIXEL_M[1]], 1
        )
    corners = middle + np.array([rows, cols]) / 2 - np.array(bare.pattern_shape) / 2
    assert corners.min() >= 0
    assert (corners + bare.pattern_shape <= (rows, cols)).all()


def test_positions_as_a_table(tmp_path: Path) -> None:
    (path,), said = write(tmp_path, "csv")
    assert path.read_text().splitlines()[0] == "index,y_m,x_m"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(table[:, 0], np.arange(7))
    np.testing.assert_allclose(table[:, 1:], scan().positions.values, rtol=1e-15)
    assert said.startswith("A CSV table has no place for the patterns, the probe,")
    (patterns,), _ = write(tmp_path, "cxi")
    apart = Reading(positions_file=PositionColumns(path=str(path), x=2, y=1), position_unit="m")
    found = open_scan(patterns, preparation=Preparation(reading=apart))
    np.testing.assert_allclose(found.positions.values, scan().positions.values, rtol=1e-15)
    (path,), _ = write(tmp_path, "csv", scan(metres=False), overwrite=True)
    assert path.read_text().splitlines()[0] == "index,y_px,x_px"


@pytest.mark.parametrize("counts", [True, False], ids=["counts", "fractions"])
@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_what_is_written_opens_as_the_same_scan(tmp_path: Path, name: str, counts: bool) -> None:
    truth = scan(counts=counts)
    paths, _ = write(tmp_path, name, truth)
    found = open_scan(paths[0])
    np.testing.assert_array_equal(all_patterns(found), all_patterns(truth))
    assert found.metadata.pixel_size_m == pytest.approx(PIXEL_M)
    assert found.metadata.energy_ev == pytest.approx(ENERGY_EV)
    moved = found.positions_px - truth.positions_px
    np.testing.assert_allclose(moved - moved[0], 0, atol=1e-9)
    if found.probe is not None:
        np.testing.assert_array_equal(found.probe, truth.probe)
    if found.bad_pixels is not None:
        np.testing.assert_array_equal(found.bad_pixels, truth.bad_pixels)
    if found.reference_object is not None:
        origin = np.array(found.reference_object.origin_px) - truth.reference_object.origin_px
        np.testing.assert_allclose(origin, moved[0], atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_what_needs_metres_is_refused_without_and_the_rest_is_written(tmp_path: Path, name: str) -> None:
    writer = scan_format(tmp_path, name)
    assert writer is not None
    if not writer.needs_metres:
        assert write(tmp_path, name, scan(metres=False))
        return
    with pytest.raises(ExportError, match="pixel size of näïve is not known"):
        write(tmp_path, name, scan(metres=False))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_replaced_unasked(tmp_path: Path, name: str) -> None:
    paths, _ = write(tmp_path, name)
    before = [path.read_bytes() for path in paths]
    with pytest.raises(ExportError, match="exists already"):
        write(tmp_path, name)
    assert [path.read_bytes() for path in paths] == before
    write(tmp_path, name, overwrite=True)


@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_closing_half_way_leaves_nothing(tmp_path: Path, name: str) -> None:
    writer = scan_format(tmp_path, name)
    assert writer is not None
    with closing(write_scan(scan(), writer, tmp_path / "x")) as events:
        for event in events:
            if isinstance(event, Progress) and event.stage == "Writing the patterns":
                assert any(path.name.startswith(".x") for path in tmp_path.iterdir())
                break
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_a_source_that_fails_half_way_leaves_the_old_files(tmp_path: Path, name: str) -> None:
    class Torn(Endless):
        def read(self, indices: np.ndarray) -> np.ndarray:
            if self.reads == 3:  # in the second pass, which writes
                raise ScanError("x.h5 was cut short.")
            return super().read(indices)

    paths, _ = write(tmp_path, name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    torn = many(Torn((40, 512, 512)))
    with pytest.raises(ScanError, match="cut short"):
        write(tmp_path, name, torn, overwrite=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert len(before) == len(paths)


def many(source: Endless) -> Scan:
    positions = ProbePositions(np.zeros((source.shape[0], 2)), "px")
    return Scan(source, positions, ScanMetadata("many", pixel_size_m=(1e-8, 1e-8)))


@pytest.mark.parametrize("name", ["cxi", "ptychopinn"])
def test_patterns_pass_through_in_batches_of_limited_size(tmp_path: Path, name: str) -> None:
    source = Endless((40, 512, 512))
    write(tmp_path, name, many(source))
    assert source.most * 512 * 512 * 4 <= BATCH_BYTES
    assert source.reads == 2 * 3  # looked at, then written


@pytest.mark.parametrize(
    ("largest", "dtype"),
    [(255, "u1"), (256, "u2"), (2**16, "u4"), (2**32, "u8"), (2.0**64, "f4"), (0.5, "f4"), (-1, "f4")],
)
def test_the_smallest_exact_type_is_found(largest: float, dtype: str) -> None:
    truth = scan(flat=True)
    patterns = np.zeros((7, 6, 10), np.float32)
    patterns[-1, 0, 0] = largest
    looking = look(replace(truth, patterns=type(truth.patterns)(patterns)))
    with pytest.raises(StopIteration) as end:
        while True:
            next(looking)
    assert end.value.value == np.dtype(dtype)


DISK_FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from asymmetric_scan import scan
from ptygui.core.errors import ExportError
from ptygui.io.convert import scan_format, write_scan
from ptygui.io.writers.scan_registry import list_scan_writers
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
for writer in list_scan_writers():
    try:
        list(write_scan(scan(), writer, Path(sys.argv[1]) / "x", overwrite=True))
    except ExportError as error:
        print(writer.name, "File too large" in str(error))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits")
@pytest.mark.parametrize("limit", [100, 2500])
def test_a_full_disk_is_a_sentence_and_no_crash(tmp_path: Path, limit: int) -> None:
    """HDF5 by itself ends the program then, when it closes what it could not write."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    run = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(tmp_path), str(limit)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    failed = dict(line.split() for line in run.stdout.splitlines())
    assert set(failed) >= set(WITH_PATTERNS)
    assert set(failed.values()) == {"True"}
    assert all(path.name == "x" for path in tmp_path.iterdir())
