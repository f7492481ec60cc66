"""`ptygui convert`: scans and results, as files of other programs."""

import json

import h5py
import numpy as np
import pytest
from asymmetric_scan import scan

from ptygui.core.events import Progress, Reconstruction, StageResult, Written
from ptygui.core.scan import ObjectImage
from ptygui.io.export import export_reconstruction
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs.api import ConvertRequest, convert, open_result, open_scan

PREPARATION = """
[reading]
energy_ev = 8000.0
distance_m = 2.0
detector_pixel_m = [75e-6, 75e-6]
position_unit = "px"
"""


@pytest.fixture(scope="module")
def scan_file(tmp_path_factory):
    """A scan whose geometry is known."""
    path = tmp_path_factory.mktemp("scans") / "known.npz"
    write_ptychopinn(scan(), path)
    return path


@pytest.fixture
def result_file(tmp_path):
    """A result that ptygui exported."""
    values = np.full((9, 8), 1 + 1j, np.complex64)
    image = ObjectImage(values, np.ones(values.shape, bool), (1.0, 2.0), (1e-8, 2e-8))
    stage = StageResult("raw", image, values[None, :4, :4], np.zeros((3, 2)), None, None, 0.0)
    files = export_reconstruction(Reconstruction((stage,), "star"), "raw", tmp_path, "star", ["npz"])
    return files[0]


def test_a_scan_becomes_a_pair(ptygui, scan_file, tmp_path):
    result = ptygui("convert", scan_file, tmp_path / "x.h5")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [f"Wrote {tmp_path / name}" for name in ("x_dp.h5", "x_para.h5")]
    patterns = open_scan(tmp_path / "x_dp.h5").patterns
    indices = np.arange(patterns.shape[0])
    np.testing.assert_array_equal(patterns.read(indices), open_scan(scan_file).patterns.read(indices))


def test_what_is_left_out_is_said(ptygui, scan_file, tmp_path):
    result = ptygui("convert", scan_file, tmp_path / "x.cxi", "--json")
    assert json.loads(result.stdout)["notices"] == ["CXI has no place for the object, which is left out."]
    assert json.loads(result.stdout)["files"] == [str(tmp_path / "x.cxi")]


def test_a_preparation_tells_what_the_file_does_not(ptygui, tmp_path):
    rng = np.random.default_rng(0)
    bare = tmp_path / "bare.npz"
    y, x = rng.uniform(10, 40, (2, 5))
    np.savez(bare, diff3d=rng.poisson(9, (5, 16, 16)).astype(np.float32), xcoords=x, ycoords=y)
    result = ptygui("convert", bare, tmp_path / "x.cxi")
    assert result.exit_code == 1
    assert "pixel size of bare is not known" in result.stderr
    preparation = tmp_path / "prepare.toml"
    preparation.write_text(PREPARATION)
    result = ptygui("convert", bare, tmp_path / "x.cxi", "--prepare", preparation)
    assert result.exit_code == 0, result.stderr
    with h5py.File(tmp_path / "x.cxi") as file:
        assert file["entry_1/instrument_1/detector_1/distance"][()] == 2.0


def test_a_result_becomes_one_of_another_program(ptygui, result_file, tmp_path):
    result = ptygui("convert", result_file, tmp_path / "x.ptyr")
    assert result.exit_code == 0, result.stderr
    found = open_result(tmp_path / "x.ptyr").result.best
    np.testing.assert_array_equal(found.image.values, np.full((9, 8), 1 + 1j, np.complex64))
    result = ptygui("convert", result_file, tmp_path / "x.tif")
    assert [line.split("/")[-1] for line in result.stdout.splitlines()] == ["x_amplitude.tif", "x_phase.tif"]


@pytest.mark.parametrize(
    ("out", "options", "words"),
    [
        ("x.docx", (), "A result cannot be written as a file like x.docx: choose tiff"),
        ("x.cxi", (), "A result cannot be written as a file like x.cxi: choose tiff"),
        ("x", ("--format", "cxi"), "A result cannot be written as the format 'cxi'"),
        ("no/x.png", (), "cannot be written"),
    ],
)
def test_what_cannot_be_is_a_sentence(ptygui, result_file, tmp_path, out, options, words):
    result = ptygui("convert", result_file, tmp_path / out, *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / out).exists()


def test_a_scan_is_no_picture(ptygui, scan_file, tmp_path):
    result = ptygui("convert", scan_file, tmp_path / "x.png")
    assert result.exit_code == 1
    assert "A scan cannot be written as a file like x.png: choose csv (.csv), cxi (.cxi)" in result.stderr


def test_an_unknown_format_is_wrong_usage(ptygui, scan_file, tmp_path):
    result = ptygui("convert", scan_file, tmp_path / "x", "--format", "jpeg")
    assert result.exit_code == 2
    assert "'jpeg' is no format; there are csv, cxi" in result.stderr


def test_nothing_is_replaced_unasked(ptygui, scan_file, tmp_path):
    (tmp_path / "x.cxi").write_text("mine")
    result = ptygui("convert", scan_file, tmp_path / "x.cxi")
    assert result.exit_code == 1
    assert "exists already" in result.stderr
    assert (tmp_path / "x.cxi").read_text() == "mine"
    assert ptygui("convert", scan_file, tmp_path / "x.cxi", "--overwrite").exit_code == 0


def test_a_bundle_is_not_converted(ptygui, bundle_file, tmp_path):
    result = ptygui("convert", bundle_file, tmp_path / "x.cxi")
    assert result.exit_code == 1
    assert "is a trained generator" in result.stderr


def test_closing_the_job_leaves_nothing(scan_file, tmp_path):
    job = convert(ConvertRequest(scan_file, tmp_path / "x.nxs"))
    next(event for event in job if isinstance(event, Progress) and event.stage == "Writing the patterns")
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_a_job_ends_with_what_was_written(scan_file, tmp_path):
    *_, last = convert(ConvertRequest(scan_file, tmp_path / "x.csv"))
    assert last == Written((tmp_path / "x.csv",))
