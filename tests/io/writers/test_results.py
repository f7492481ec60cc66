"""The newer formats of results, read back with what others would use."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from asymmetric_scan import DISTANCE_M, ENERGY_EV, PIXEL_M

from ptygui.core.errors import ExportError
from ptygui.core.events import METRIC_FORMATS, ExportFormat, Reconstruction, StageResult
from ptygui.core.scan import ObjectImage
from ptygui.io.export import export_reconstruction, export_targets
from ptygui.io.result_files import read_result
from ptygui.io.writers.results import FORMATS

NEWER: tuple[ExportFormat, ...] = ("ome-tiff", "svg", "product-npz", "ptyr", "csv")


def result(pixel_size_m: tuple[float, float] | None = PIXEL_M) -> Reconstruction:
    rng = np.random.default_rng(8)
    values = (rng.normal(size=(21, 34)) + 1j * rng.normal(size=(21, 34))).astype(np.complex64)
    covered = np.ones(values.shape, bool)
    covered[:3] = False
    values[~covered] = 0
    image = ObjectImage(values, covered, (-4.0, 7.0), pixel_size_m)
    probe = (rng.normal(size=(2, 6, 10)) + 1j).astype(np.complex64)
    stage = StageResult("refined", image, probe, rng.uniform(0, 20, (9, 2)), None, None, 1.5)
    return Reconstruction((stage,), "näïve", {"energy_ev": ENERGY_EV, "distance_m": DISTANCE_M})


def write(folder: Path, name: ExportFormat, what: Reconstruction | None = None) -> Path:
    return export_reconstruction(what or result(), "refined", folder, "star", [name])[0]


def test_every_format_is_in_the_table() -> None:
    assert set(FORMATS) == set(ExportFormat.__args__)  # type: ignore[attr-defined]
    assert {name for name, form in FORMATS.items() if form.needs_metres} == METRIC_FORMATS


def test_ome_tiff(tmp_path: Path) -> None:
    truth = result().best.image
    with tifffile.TiffFile(write(tmp_path, "ome-tiff")) as file:
        assert file.is_ome
        assert file.series[0].axes == "CYX"
        channels = file.asarray()
        assert file.ome_metadata is not None
        tree = ET.fromstring(file.ome_metadata)
    assert channels.dtype == np.float32
    np.testing.assert_array_equal(channels, [truth.amplitude, truth.phase])
    pixels = next(item for item in tree.iter() if item.tag.endswith("}Pixels"))
    assert (pixels.get("PhysicalSizeXUnit"), pixels.get("PhysicalSizeYUnit")) == ("µm", "µm")
    size = [float(pixels.get(key, "nan")) * 1e-6 for key in ("PhysicalSizeY", "PhysicalSizeX")]
    np.testing.assert_allclose(size, PIXEL_M, rtol=1e-6)
    description = next(item for item in tree.iter() if item.tag.endswith("}Description"))
    assert json.loads(description.text or "")["scan"] == "näïve"


def test_ome_tiff_without_geometry_shows_no_length(tmp_path: Path) -> None:
    with tifffile.TiffFile(write(tmp_path, "ome-tiff", result(None))) as file:
        assert "PhysicalSize" not in (file.ome_metadata or "")


def test_svg(tmp_path: Path) -> None:
    tree = ET.parse(write(tmp_path, "svg")).getroot()
    assert tree.tag == "{http://www.w3.org/2000/svg}svg"
    description = next(item for item in tree.iter() if item.tag.endswith("}description"))
    assert json.loads(description.text or "")["scan"] == "näïve"
    assert sum(item.tag.endswith("}image") for item in tree.iter()) >= 2  # amplitude and phase are pixels
    assert sum(item.tag.endswith("}path") for item in tree.iter()) > 20  # the rest are vectors


def test_ptyr_by_its_definition(tmp_path: Path) -> None:
    truth = result().best
    with h5py.File(write(tmp_path, "ptyr")) as file:
        assert file["header/kind"].asstr()[()] == "minimal"
        assert json.loads(file["header/description"].asstr()[()])["scan"] == "näïve"
        image, probe = file["content/obj/S00G00"], file["content/probe/S00G00"]
        np.testing.assert_array_equal(image["data"], truth.image.values[np.newaxis])
        np.testing.assert_array_equal(probe["data"], truth.probe)
        assert image["_energy"][()] == ENERGY_EV / 1e3
        np.testing.assert_array_equal(image["_psize"], PIXEL_M)
        positions = file["content/positions/S00G00"][()]
        patch_middles = (positions - image["_origin"][()]) / image["_psize"][()]
        np.testing.assert_allclose(patch_middles, truth.positions_px - (-4, 7), atol=1e-9)
        np.testing.assert_array_equal(probe["_center"], (3, 5))
        kinds = {item.attrs["type"] for item in (image["data"], image["_psize"])}
        assert kinds == {"array"}
        kinds_of_all: list[str] = []
        file["content"].visititems(lambda _name, item: kinds_of_all.append(item.attrs["type"]))
        assert set(kinds_of_all) <= {"dict", "array", "scalar", "string", "arraylist", "arraytuple"}


def test_product_npz_by_its_definition(tmp_path: Path) -> None:
    truth = result().best
    with np.load(write(tmp_path, "product-npz"), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["object"], truth.image.values[np.newaxis])
        np.testing.assert_array_equal(file["probe"], truth.probe)
        assert (file["object_pixel_height_m"], file["object_pixel_width_m"]) == PIXEL_M
        assert file["photon_energy_eV"] == ENERGY_EV
        col = (file["probe_position_x_m"] - file["object_center_x_m"]) / PIXEL_M[1] + 34 / 2
        row = (file["probe_position_y_m"] - file["object_center_y_m"]) / PIXEL_M[0] + 21 / 2
    np.testing.assert_allclose(np.stack([row, col], axis=1), truth.positions_px - (-4, 7), atol=1e-9)


@pytest.mark.parametrize("name", ["npz", "product", "product-npz", "ptyr"])
def test_arrays_are_read_again_as_they_were(tmp_path: Path, name: ExportFormat) -> None:
    truth, found = result().best, read_result(write(tmp_path, name)).best
    np.testing.assert_array_equal(found.image.values, truth.image.values)
    np.testing.assert_allclose(found.image.origin_px, truth.image.origin_px, atol=1e-6)
    np.testing.assert_allclose(found.image.pixel_size_m, PIXEL_M, rtol=1e-12)
    np.testing.assert_array_equal(found.probe, truth.probe)
    np.testing.assert_allclose(found.positions_px, truth.positions_px, atol=1e-9)


def test_positions_as_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, "csv", result(None))
    assert path.name == "star_positions.csv"
    with path.open() as file:
        assert file.readline() == "index,y_px,x_px\n"
        np.testing.assert_array_equal(np.loadtxt(file, delimiter=",")[:, 1:], result().best.positions_px)


@pytest.mark.parametrize("name", sorted(METRIC_FORMATS))
def test_lengths_need_geometry(tmp_path: Path, name: ExportFormat) -> None:
    with pytest.raises(ExportError, match="choose TIFF, PNG or NPZ"):
        write(tmp_path, name, result(None))
    assert list(tmp_path.iterdir()) == []


def test_names_of_all_formats_differ(tmp_path: Path) -> None:
    targets = export_targets(tmp_path, "star", list(FORMATS))
    assert len(set(targets)) == len(targets) == sum(len(form.files) for form in FORMATS.values()) + 1


@pytest.mark.parametrize("name", [name for name in NEWER if name != "svg"])
def test_a_failed_disk_leaves_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: ExportFormat
) -> None:
    path = write(tmp_path, name)
    before = path.read_bytes()

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    other = replace(result(), scan_name="another")
    with pytest.raises(ExportError, match="No space left"):
        export_reconstruction(other, "refined", tmp_path, "star", [name], overwrite=True)
    assert path.read_bytes() == before
