import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_scan

N, H, W = 5, 8, 6
PIXEL = (2e-8, 4e-8)


def intensities() -> np.ndarray:
    values = np.random.default_rng(0).poisson(3.0, (N, H, W)).astype(np.float32)
    values[:, H // 2, W // 2] = 500
    return values


def write_pair(folder: Path) -> tuple[Path, Path]:
    """Write the two files by the public definition (see the reader)."""
    patterns, parameters = folder / "scan_dp.hdf5", folder / "scan_para.hdf5"
    with h5py.File(patterns, "w") as file:
        file["dp"] = intensities()
    with h5py.File(parameters, "w") as file:
        file["probe_position_x_m"] = np.arange(N) * 1e-7 - 2e-7
        file["probe_position_y_m"] = np.arange(N) * -2e-8
        file["probe"] = np.full((1, 3, H, W), 1 + 2j, np.complex64)
        file["object"] = np.arange(1200).reshape(1, 40, 30).astype(np.complex64)
        for key in ("probe", "object"):
            file[key].attrs["pixel_height_m"], file[key].attrs["pixel_width_m"] = PIXEL
    return patterns, parameters


@pytest.mark.parametrize("which", [0, 1])
def test_either_name_opens_the_pair(tmp_path: Path, which: int) -> None:
    scan = open_scan(write_pair(tmp_path)[which])
    np.testing.assert_array_equal(scan.batch(np.array([3, 0, 0, 4])).patterns, intensities()[[3, 0, 0, 4]])
    assert scan.positions.unit == "m"
    np.testing.assert_allclose(scan.positions_px[1], [-1, -2.5])
    assert scan.probe is not None
    assert scan.probe.shape == (3, H, W)
    assert scan.metadata.pixel_size_m == PIXEL
    assert scan.metadata.name == "scan"
    assert scan.metadata.energy_ev is None
    assert scan.reference_object is not None
    assert scan.reference_object.values.shape == (40, 30)
    assert scan.reference_object.origin_px == (-20, -15)


def test_a_product_is_as_good_as_a_para_file(tmp_path: Path) -> None:
    patterns, parameters = write_pair(tmp_path)
    with h5py.File(parameters, "a") as file:
        file.attrs.update(probe_energy_eV=8000.0, detector_object_distance_m=2.0, exposure_time_s=0.1)
        file["probe_position_indexes"] = [4, 3, 2, 1, 0]
        file["object"].attrs["center_x_m"], file["object"].attrs["center_y_m"] = 4e-7, -2e-7
        del file["probe"]
        file["probe"] = np.ones((2, 3, H, W), np.complex128)
    scan = open_scan(patterns)
    np.testing.assert_array_equal(scan.batch(np.arange(N)).patterns, intensities()[::-1])
    assert (scan.metadata.energy_ev, scan.metadata.distance_m) == (8000.0, 2.0)
    assert scan.metadata.extra == {"exposure_time_s": 0.1}
    assert scan.reference_object is not None
    np.testing.assert_allclose(scan.reference_object.origin_px, [-30, -5])
    assert scan.probe is not None
    assert scan.probe.shape == (3, H, W)


@pytest.mark.parametrize(
    ("key", "value", "read"), [("photon_energy_eV", 9e3, 9e3), ("probe_energy_eV", 0.0, None)]
)
def test_energy_under_its_new_and_old_name(
    tmp_path: Path, key: str, value: float, read: float | None
) -> None:
    """Ptychodus 1.7 renamed the attribute; 0 is its unknown."""
    _, parameters = write_pair(tmp_path)
    with h5py.File(parameters, "a") as file:
        file.attrs[key] = value
    assert open_scan(parameters).metadata.energy_ev == read


def test_a_product_with_fewer_positions_selects_their_patterns(tmp_path: Path) -> None:
    patterns, parameters = write_pair(tmp_path)
    with h5py.File(parameters, "a") as file:
        for axis in "xy":
            values = file[f"probe_position_{axis}_m"][:3]
            del file[f"probe_position_{axis}_m"]
            file[f"probe_position_{axis}_m"] = values
        file["probe_position_indexes"] = [0, 2, 4]
    scan = open_scan(patterns)
    np.testing.assert_array_equal(scan.batch(np.array([2, 1])).patterns, intensities()[[4, 2]])


@pytest.mark.parametrize("options", [{"compression": "gzip"}, {"compression": "lzf"}, {"bitshuffle": True}])
def test_compressed_chunks(tmp_path: Path, options: dict[str, object]) -> None:
    import hdf5plugin

    patterns, _ = write_pair(tmp_path)
    filters = hdf5plugin.Bitshuffle() if options.pop("bitshuffle", False) else options
    with h5py.File(patterns, "w") as file:
        file.create_dataset("dp", data=intensities().astype(np.uint32), chunks=(2, H, W), **filters)
    scan = open_scan(patterns)
    np.testing.assert_array_equal(scan.batch(np.array([4, 1, 2])).patterns, intensities()[[4, 1, 2]])


def test_virtual_dataset_and_external_link_are_followed(tmp_path: Path) -> None:
    patterns, _ = write_pair(tmp_path)
    patterns.rename(tmp_path / "raw.h5")
    with h5py.File(patterns, "w") as file:
        layout = h5py.VirtualLayout((N, H, W), np.float32)
        layout[:] = h5py.VirtualSource("raw.h5", "dp", (N, H, W))
        file.create_virtual_dataset("stitched", layout)
        file["dp"] = h5py.SoftLink("/stitched")
    np.testing.assert_array_equal(open_scan(patterns).batch(np.arange(N)).patterns, intensities())


def edit(path: Path, key: str, value: object) -> None:
    with h5py.File(path, "a") as file:
        if key in file:
            del file[key]
        if value is not None:
            file[key] = value


def unlink_virtual(patterns: Path, parameters: Path) -> None:
    with h5py.File(patterns, "w") as file:
        layout = h5py.VirtualLayout((N, H, W), np.float32)
        layout[:] = h5py.VirtualSource("gone.h5", "dp", (N, H, W))
        file.create_virtual_dataset("dp", layout)


def drop_pixel_size(patterns: Path, parameters: Path) -> None:
    with h5py.File(parameters, "a") as file:
        for key in ("object", "probe"):
            del file[key].attrs["pixel_width_m"]


Fault = Callable[[Path, Path], object]
FAULTS: list[tuple[Fault, str]] = [
    (lambda dp, para: para.unlink(), "no probe positions"),
    (lambda dp, para: para.write_bytes(para.read_bytes()[:900]), "no complete HDF5 file"),
    (lambda dp, para: para.write_text("text"), "no complete HDF5 file"),
    (lambda dp, para: edit(para, "probe_position_x_m", np.zeros(4)), "5 probe_position_y_m but 4"),
    (lambda dp, para: edit(para, "probe_position_x_m", np.full(N, np.nan)), "not finite"),
    (lambda dp, para: edit(para, "probe_position_x_m", "text"), "must hold numbers"),
    (
        lambda dp, para: edit(para, "probe_position_x_m", h5py.ExternalLink("away.h5", "/x")),
        r"away\.h5, which",
    ),
    (lambda dp, para: edit(para, "probe_position_x_m", None), "no dataset probe_position_x_m"),
    (lambda dp, para: edit(para, "probe_position_indexes", [0, 1, 2, 3, 9]), "must name each pattern"),
    (lambda dp, para: edit(para, "probe", np.ones((4, 4), np.complex64)), "must be a probe"),
    (lambda dp, para: edit(para, "object", h5py.ExternalLink("o.h5", "/o")), r"o\.h5, which is missing"),
    (lambda dp, para: edit(dp, "dp", np.zeros((4, H, W))), "4 patterns but 5"),
    (lambda dp, para: edit(dp, "dp", np.zeros((0, H, W))), "must be patterns"),
    (lambda dp, para: edit(dp, "dp", np.zeros((H, W))), "must be patterns"),
    (lambda dp, para: edit(dp, "dp", np.zeros((N, H, W), complex)), "must be patterns"),
    (lambda dp, para: edit(dp, "dp", h5py.ExternalLink("raw.h5", "/d")), r"raw\.h5, which is missing"),
    (unlink_virtual, r"gone\.h5, which is missing"),
    (drop_pixel_size, "pixel_width_m"),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS)
def test_faulty_pairs_give_one_sentence(tmp_path: Path, fault: Fault, words: str) -> None:
    patterns, parameters = write_pair(tmp_path)
    fault(patterns, parameters)
    with pytest.raises(ScanError, match=words) as caught:
        open_scan(patterns)
    assert str(caught.value).rstrip(".").count(". ") == 0


def test_missing_filter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patterns, _ = write_pair(tmp_path)
    with h5py.File(patterns, "w") as file:
        file.create_dataset("dp", data=intensities(), compression="lzf")
    monkeypatch.setattr("h5py.h5z.filter_avail", lambda code: False)
    with pytest.raises(ScanError, match=r"filter 32000 \(lzf\)"):
        open_scan(patterns)


def test_file_that_vanishes_after_opening(tmp_path: Path) -> None:
    patterns, _ = write_pair(tmp_path)
    scan = open_scan(patterns)
    patterns.unlink()
    with pytest.raises(ScanError, match="no file"):
        scan.batch(np.arange(2))


def test_reading_takes_no_lock(tmp_path: Path) -> None:
    patterns, _ = write_pair(tmp_path)
    code = (
        f"import h5py; f = h5py.File({str(patterns)!r}, 'a'); f.flush(); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"  # a detector that still writes
        batch = open_scan(patterns).batch(np.arange(1))
        writer.communicate(b"\n")
    np.testing.assert_array_equal(batch.patterns, intensities()[:1])


@pytest.mark.skipif("PTYGUI_REAL_DATA" not in os.environ, reason="PTYGUI_REAL_DATA is not set")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DLS_i03_i04_NXmx_Therm_6_2.nxs", r"Therm_6_2_000001\.h5, which is missing"),
        ("eiger9m_saxs_aps12idb.h5", "1 pattern but no probe positions"),
    ],
)
def test_real_files_that_are_no_scans(name: str, words: str) -> None:
    with pytest.raises(ScanError, match=words):
        open_scan(Path(os.environ["PTYGUI_REAL_DATA"]) / name)
