"""Our files, read by the formats' own software, if PTYGUI_FORMATS_PYTHON names a Python that has it.

Make one with

    python -m venv PEERS; PEERS/bin/pip install numpy scipy h5py tifffile torch matplotlib ome-types
    PEERS/bin/pip install nexusformat; PEERS/bin/pip install --no-deps ptychodus cdtools-py

Last seen: ptychodus 1.7.0, cdtools-py 0.3.2, nexusformat 2.1.0, ome-types 0.7.0.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from asymmetric_scan import DETECTOR_PIXEL_M, DISTANCE_M, ENERGY_EV, PIXEL_M, all_patterns, scan

from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.geometry import wavelength_m
from ptygui.core.scan import Scan
from ptygui.io.convert import scan_format, write_scan
from ptygui.io.export import export_reconstruction
from ptygui.io.registry import open_scan
from ptygui.io.result_files import read_result

PYTHON = os.environ.get("PTYGUI_FORMATS_PYTHON")
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="PTYGUI_FORMATS_PYTHON names no Python that has the formats' own software"
)


def read(reader: str, file: Path) -> dict[str, np.ndarray]:
    """Read a file by other software."""
    assert PYTHON is not None
    out = file.with_name("read.npz")
    program = Path(__file__).with_name("peers.py")
    run = subprocess.run(
        [PYTHON, "-W", "ignore", program, reader, file, out], capture_output=True, text=True, check=False
    )
    if run.returncode == 3:
        pytest.skip(f"{reader} is not installed there")
    assert run.returncode == 0, run.stderr
    with np.load(out, allow_pickle=False) as arrays:
        return dict(arrays)


def written(folder: Path, name: str) -> list[Path]:
    """Write the scan in a format."""
    writer = scan_format(folder, name)
    assert writer is not None
    path = folder / f"x{writer.endings[0]}"
    list(write_scan(scan(), writer, path))
    return list(writer.targets(path))


def exported(folder: Path, name: str) -> Path:
    """Write the scan's object as a result."""
    truth = scan()
    assert truth.reference_object is not None
    assert truth.probe is not None
    stage = StageResult("raw", truth.reference_object, truth.probe, truth.positions_px, None, None, 0.0)
    recipe: dict[str, object] = {"energy_ev": ENERGY_EV, "distance_m": DISTANCE_M}
    return export_reconstruction(Reconstruction((stage,), "näïve", recipe), "raw", folder, "x", [name])[0]  # type: ignore[list-item]


def check_geometry(found: dict[str, np.ndarray]) -> None:
    assert found["energy_ev"] == pytest.approx(ENERGY_EV)
    assert found["distance_m"] == DISTANCE_M


def check_product(found: dict[str, np.ndarray], truth: Scan) -> None:
    check_geometry(found)
    assert str(found["name"]) == "näïve"
    assert truth.reference_object is not None
    np.testing.assert_array_equal(found["object"], truth.reference_object.values[np.newaxis])
    np.testing.assert_array_equal(found["probe"].reshape(truth.probe.shape), truth.probe)  # type: ignore[union-attr]
    np.testing.assert_allclose(found["pixel_size_m"], PIXEL_M, rtol=1e-12)
    middle = np.array(truth.pattern_shape) // 2
    corners = truth.positions_px - truth.reference_object.origin_px - middle
    np.testing.assert_allclose(found["corners"], corners, atol=1e-8)


@pytest.mark.parametrize("name", ["ptychodus", "ptychodus-npz"])
def test_ptychodus_reads_the_pair(tmp_path: Path, name: str) -> None:
    patterns, product = written(tmp_path, name)
    kind = "h5" if name == "ptychodus" else "npz"
    found = read(f"ptychodus_{kind}", patterns)
    np.testing.assert_array_equal(found["patterns"], all_patterns(scan()))
    if kind == "npz":
        np.testing.assert_array_equal(found["bad_pixels"], scan().bad_pixels)
    check_product(read(f"ptychodus_product_{kind}", product), scan())


@pytest.mark.parametrize(("name", "kind"), [("product", "h5"), ("product-npz", "npz")])
def test_ptychodus_reads_a_result(tmp_path: Path, name: str, kind: str) -> None:
    check_product(read(f"ptychodus_product_{kind}", exported(tmp_path, name)), scan())


def test_ptychodus_reads_cxi(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "cxi")
    found = read("ptychodus_cxi", path)
    np.testing.assert_array_equal(found["patterns"], all_patterns(scan()))
    np.testing.assert_array_equal(found["bad_pixels"], scan().bad_pixels)
    np.testing.assert_array_equal(found["detector_pixel_m"], DETECTOR_PIXEL_M)
    check_geometry(found)


def test_cdtools_reads_cxi_and_puts_each_pattern_in_its_place(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "cxi")
    found, truth = read("cdtools", path), scan()
    np.testing.assert_array_equal(found["patterns"], all_patterns(truth))
    np.testing.assert_allclose(found["positions_px"], truth.positions_px, rtol=1e-5)  # it keeps float32
    np.testing.assert_array_equal(found["good"], ~truth.bad_pixels)  # type: ignore[operator]
    assert found["wavelength_m"] == pytest.approx(wavelength_m(ENERGY_EV))
    for key in ("dark", "flat"):
        np.testing.assert_array_equal(found[key], getattr(truth, key))
    np.testing.assert_allclose(found["monitor"], truth.monitor, rtol=1e-6)


def test_nexusformat_reads_nxptycho(tmp_path: Path) -> None:
    (path,) = written(tmp_path, "nxptycho")
    found = read("nexusformat", path)
    np.testing.assert_array_equal(found["patterns"], all_patterns(scan()))
    np.testing.assert_array_equal(found["positions_m"], scan().positions.values)
    assert found["classes"].tolist() == ["NXentry", "NXdetector", "NXdata"]
    assert str(found["axis"]) in "xy"
    assert (float(found["distance_m"]), str(found["units"])) == (DISTANCE_M, "m")


def test_ome_types_validates_ome_tiff(tmp_path: Path) -> None:
    found = read("ome_types", exported(tmp_path, "ome-tiff"))
    assert found["channels"].tolist() == ["amplitude", "phase (rad)"]
    np.testing.assert_allclose(found["pixel_size_um"], np.array(PIXEL_M) * 1e6, rtol=1e-6)
    assert (str(found["unit"]), str(found["type"])) == ("µm", "float")


@pytest.mark.parametrize("kind", ["h5", "npz"])
def test_what_ptychodus_writes_is_read(tmp_path: Path, kind: str) -> None:
    truth = scan()
    read("write_ptychodus", written(tmp_path, "ptychodus-npz")[0])
    found = open_scan(tmp_path / "theirs" / f"y_dp.{kind}")
    np.testing.assert_array_equal(all_patterns(found), all_patterns(truth))
    moved = found.positions_px - truth.positions_px
    np.testing.assert_allclose(moved - moved[0], 0, atol=1e-8)
    np.testing.assert_array_equal(found.probe, truth.probe)
    assert found.metadata.energy_ev == pytest.approx(ENERGY_EV)
    result = read_result(tmp_path / "theirs" / f"y_para.{kind}").best
    np.testing.assert_array_equal(result.image.values, truth.reference_object.values)  # type: ignore[union-attr]


def test_what_cdtools_writes_is_read(tmp_path: Path) -> None:
    truth = scan()
    np.savez(
        tmp_path / "x.npz",
        patterns=all_patterns(truth),
        positions_m=truth.positions.values,
        wavelength_m=wavelength_m(ENERGY_EV),
        distance_m=DISTANCE_M,
        detector_pixel_m=DETECTOR_PIXEL_M,
        bad_pixels=truth.bad_pixels,
        allow_pickle=False,
    )  # fmt: skip
    read("write_cdtools", tmp_path / "x.npz")
    found = open_scan(tmp_path / "x.cxi")
    np.testing.assert_array_equal(all_patterns(found), all_patterns(truth))
    np.testing.assert_allclose(found.positions_px, truth.positions_px, rtol=1e-5)
    np.testing.assert_array_equal(found.bad_pixels, truth.bad_pixels)  # type: ignore[arg-type]
