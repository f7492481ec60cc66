"""Exports are read back with the libraries that others would use, never with our own code."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ptygui.core.errors import ExportError
from ptygui.core.events import Quality, Reconstruction, StageResult
from ptygui.core.evidence import Residual
from ptygui.core.scan import ObjectImage
from ptygui.io.export import export_reconstruction, export_targets
from ptygui.io.writers.figure import scale_bar
from ptygui.io.writers.tiff import write_tiff

PIXEL = (1.234567e-8, 2.345678e-8)
ALL = ("tiff", "png", "npz", "product")


def image(seed: int, pixel_size_m: tuple[float, float] | None) -> ObjectImage:
    rng = np.random.default_rng(seed)
    values = (rng.normal(size=(21, 34)) + 1j * rng.normal(size=(21, 34))).astype(np.complex64)
    covered = np.ones(values.shape, bool)
    covered[:3] = False
    values[~covered] = 0
    return ObjectImage(values, covered, (-4.0, 7.0), pixel_size_m)


def result(pixel_size_m: tuple[float, float] | None = PIXEL) -> Reconstruction:
    rng = np.random.default_rng(5)
    quality = Quality(0.94, 0.85, 0.03, 0.07)
    probe = (rng.normal(size=(2, 8, 6)) + 1j).astype(np.complex64)
    positions = rng.uniform(0, 20, (9, 2))
    return Reconstruction(
        stages=(
            StageResult("raw", image(1, pixel_size_m), probe, positions, Residual(0.17, 0.125), quality, 1.5),
            StageResult("polished", image(2, pixel_size_m), probe, positions, None, None, 0.5),
        ),
        scan_name="näïve $ (star)",
        recipe={"bundle_id": "b7f3", "versions": {"torch": "2.13.0"}, "generator_name": "stable_hybrid"},
        notices=("2 patterns were left out.",),
    )


def check_provenance(text: str) -> None:
    record = json.loads(text)
    assert record["bundle_id"] == "b7f3"
    assert record["recipe"]["versions"] == {"torch": "2.13.0"}
    assert record["scan"] == "näïve $ (star)"
    assert record["stage"] == "raw"
    assert record["residual"] == {"r1": 0.17, "r2": 0.125}
    assert record["notices"] == ["2 patterns were left out."]


def test_targets_are_what_is_written(tmp_path: Path) -> None:
    written = export_reconstruction(result(), "raw", tmp_path, "star", ALL)
    assert written == export_targets(tmp_path, "star", ALL)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    check_provenance((tmp_path / "star.json").read_text())


@pytest.mark.parametrize("quantity", ["amplitude", "phase"])
def test_tiff(tmp_path: Path, quantity: str) -> None:
    export_reconstruction(result(), "raw", tmp_path, "star", ("tiff",))
    with tifffile.TiffFile(tmp_path / f"star_{quantity}.tif") as file:
        values = file.asarray()
        assert file.imagej_metadata is not None
        assert file.imagej_metadata["unit"] == "um"
        check_provenance(file.imagej_metadata["Info"])
        tags = file.pages[0].tags
        x, y = (tags[name].value for name in ("XResolution", "YResolution"))
    expected = getattr(image(1, PIXEL), quantity)
    assert values.dtype.newbyteorder("=") == np.float32
    assert values.astype("=f4").tobytes() == expected.tobytes()
    np.testing.assert_allclose([y[1] / y[0] * 1e-6, x[1] / x[0] * 1e-6], PIXEL, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(size=st.floats(1e-11, 1e-4), ratio=st.floats(0.2, 5))
def test_tiff_pixel_size_over_all_scales(
    tmp_path_factory: pytest.TempPathFactory, size: float, ratio: float
) -> None:
    path = tmp_path_factory.mktemp("tiff") / "a.tif"
    write_tiff(path, np.zeros((2, 3), np.float32), (size, size * ratio), "")
    with tifffile.TiffFile(path) as file:
        x, y = (file.pages[0].tags[name].value for name in ("XResolution", "YResolution"))
    np.testing.assert_allclose([y[1] / y[0], x[1] / x[0]], [1e6 * size, 1e6 * size * ratio], rtol=1e-6)


def test_tiff_without_geometry_shows_no_length(tmp_path: Path) -> None:
    export_reconstruction(result(None), "raw", tmp_path, "star", ("tiff",))
    with tifffile.TiffFile(tmp_path / "star_phase.tif") as file:
        assert file.imagej_metadata is not None
        assert file.imagej_metadata["unit"] == "pixel"
        resolution = file.pages[0].tags.get("XResolution")
        assert resolution is None or resolution.value == (1, 1)


def test_npz(tmp_path: Path) -> None:
    export_reconstruction(result(), "polished", tmp_path, "star", ("npz",))
    with np.load(tmp_path / "star.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["object"], image(2, PIXEL).values)
        np.testing.assert_array_equal(arrays["covered"], image(2, PIXEL).covered)
        np.testing.assert_array_equal(arrays["positions_px"], result().best.positions_px)
        np.testing.assert_array_equal(arrays["probe"], result().best.probe)
        np.testing.assert_array_equal(arrays["pixel_size_m"], PIXEL)
        np.testing.assert_array_equal(arrays["origin_px"], (-4, 7))
        assert json.loads(str(arrays["provenance"]))["stage"] == "polished"
    export_reconstruction(result(None), "raw", tmp_path, "bare", ("npz",))
    with np.load(tmp_path / "bare.npz", allow_pickle=False) as arrays:
        assert "pixel_size_m" not in arrays
        check_provenance(str(arrays["provenance"]))


def test_product_has_the_public_layout(tmp_path: Path) -> None:
    """Read as Ptychodus reads it, h5_product_file.py, with its world-to-pixel formula."""
    export_reconstruction(result(), "raw", tmp_path, "star", ("product",))
    with h5py.File(tmp_path / "star.h5", "r") as file:
        assert file.attrs["name"] == "näïve $ (star)"
        check_provenance(file.attrs["comments"])
        for key in ("detector_object_distance_m", "probe_energy_eV", "exposure_time_s"):
            assert float(file.attrs[key]) == 0
        stored, probe = file["object"], file["probe"]
        np.testing.assert_array_equal(stored[0], image(1, PIXEL).values)
        np.testing.assert_array_equal(probe[()], result().best.probe)
        for item in (stored, probe):
            assert (item.attrs["pixel_height_m"], item.attrs["pixel_width_m"]) == PIXEL
        np.testing.assert_array_equal(file["probe_position_indexes"], np.arange(9))
        height, width = stored.shape[-2:]
        x, y = file["probe_position_x_m"][()], file["probe_position_y_m"][()]
        col = (x - stored.attrs["center_x_m"]) / stored.attrs["pixel_width_m"] + width / 2
        row = (y - stored.attrs["center_y_m"]) / stored.attrs["pixel_height_m"] + height / 2
        assert len(file["object_layer_spacing_m"]) == stored.shape[0] - 1
    in_array = result().best.positions_px - np.array([-4, 7])
    np.testing.assert_allclose(np.stack([row, col], axis=1), in_array, atol=1e-9)


def test_product_without_geometry_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="choose TIFF, PNG or NPZ"):
        export_reconstruction(result(None), "raw", tmp_path, "star", ALL)
    assert list(tmp_path.iterdir()) == []


def test_png(tmp_path: Path) -> None:
    export_reconstruction(result(), "raw", tmp_path, "star", ("png",))
    with Image.open(tmp_path / "star.png") as picture:
        assert picture.width >= 2000
        pixels = np.asarray(picture.convert("RGB")).astype(int)
        check_provenance(picture.info["Description"])
    left, right = np.array_split(pixels, 2, axis=1)
    colourfulness = [np.ptp(half, axis=2).mean() for half in (left, right)]
    assert colourfulness[0] < 1 < colourfulness[1]  # grey amplitude, cyclic colours for the phase


@pytest.mark.parametrize(
    ("cols", "pixel", "text"),
    [
        (400, 1e-8, "1 µm"),
        (100, 1e-9, "20 nm"),
        (1000, 1e-5, "2 mm"),
        (400, None, "100 px"),
        (3, None, "1 px"),
    ],
)
def test_scale_bar_is_round_and_true(cols: int, pixel: float | None, text: str) -> None:
    length, label = scale_bar(cols, pixel)
    assert label == text
    assert length <= max(cols / 4, 1)
    if pixel:
        number, unit = label.split()
        assert length * pixel == pytest.approx(float(number) * {"nm": 1e-9, "µm": 1e-6, "mm": 1e-3}[unit])


def test_all_formats_of_an_empty_or_constant_picture(tmp_path: Path) -> None:
    flat = ObjectImage(np.ones((1, 1), np.complex64), np.zeros((1, 1), bool), (0, 0), PIXEL)
    probe = result().best.probe
    strange = Reconstruction((StageResult("raw", flat, probe, np.zeros((1, 2)), None, None, 0.0),), "x")
    assert len(export_reconstruction(strange, "raw", tmp_path, "a", ALL)) == 6


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "star.npz").write_text("mine")
    with pytest.raises(ExportError, match=r"star\.npz exists already"):
        export_reconstruction(result(), "raw", tmp_path, "star", ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["star.npz"]
    assert (tmp_path / "star.npz").read_text() == "mine"
    export_reconstruction(result(), "raw", tmp_path, "star", ALL, overwrite=True)
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.parametrize("name", ALL)
def test_disk_full_in_the_middle_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    export_reconstruction(result(), "raw", tmp_path, "star", (name,))  # type: ignore[arg-type]
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left"):
        export_reconstruction(result(), "polished", tmp_path, "star", (name,), overwrite=True)  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("folder", "stem", "words"), [("gone", "a", "no folder"), (".", "a/b", "no file name")]
)
def test_bad_places_are_named(tmp_path: Path, folder: str, stem: str, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        export_reconstruction(result(), "raw", tmp_path / folder, stem, ("tiff",))


def test_absent_stage_is_named(tmp_path: Path) -> None:
    only_raw = Reconstruction(result().stages[:1], "x")
    with pytest.raises(ExportError, match="no stage polished, only raw"):
        export_reconstruction(only_raw, "polished", tmp_path, "a", ("npz",))


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from test_export import result
from ptygui.io.export import export_reconstruction
{trouble}
formats = ("tiff", "png", "npz", "product")
export_reconstruction(result(), "polished", Path(sys.argv[1]), "star", formats, overwrite=True)
"""
DISK_FULL = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
"""
KILLED = "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX limits and signals")
@pytest.mark.parametrize(("trouble", "hidden"), [(DISK_FULL, 0), (KILLED, 1)], ids=["disk full", "killed"])
def test_really_interrupted_writing(tmp_path: Path, trouble: str, hidden: int) -> None:
    """A file size limit fails in the middle of a write, as a full disk does; SIGKILL allows no clean-up."""
    export_reconstruction(result(), "raw", tmp_path, "star", ALL)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    script = INTERRUPTED.format(trouble=trouble)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert ("ExportError" in run.stderr) == (trouble == DISK_FULL), run.stderr
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: data for name, data in after.items() if not name.startswith(".")} == before
    assert len(after) - len(before) == hidden
