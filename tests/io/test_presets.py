"""Presets: the shipped ones on files of their public definition, and the user's own."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from ptygui.core.errors import PresetError
from ptygui.core.mapping import Axis, FramesPlace, Mapping, Sniff
from ptygui.core.preparation import Preparation
from ptygui.core.scan import Scan
from ptygui.io.presets import (
    list_presets,
    own_presets,
    read_by_preset,
    save_preset,
    shipped_presets,
    user_folder,
)
from ptygui.io.readers.preset_own import OwnPresetReader
from ptygui.io.registry import open_raw, prepare, reader_of

NY, NX, H = 3, 4, 16
N = NY * NX


def shaped() -> NDArray[np.uint16]:
    """Patterns (n, H, W), bright in the middle, with an F whose turn can be seen."""
    frame = np.zeros((H, H), np.uint16)
    frame[3:12, 5] = frame[3, 5:10] = frame[7, 5:8] = 9
    frame[H // 2, H // 2] = 200
    return frame + np.arange(N, dtype=np.uint16)[:, None, None]


def grid() -> NDArray[np.float64]:
    """Positions (n, 2) (y, x), of rows that differ from columns."""
    y, x = np.mgrid[:NY, :NX]
    return np.stack([2.0 * y, 3.0 * x], axis=-1).reshape(-1, 2)


def opened(path: Path) -> Scan:
    return prepare(read_by_preset(path, shipped_presets()), Preparation())


def counts(scan: Scan) -> NDArray[np.float32]:
    return scan.patterns.read(np.arange(len(scan)))


def test_every_shipped_preset_is_sound_and_says_where_its_layout_is_told() -> None:
    presets = shipped_presets()
    assert presets.faults == ()
    assert len(presets.presets) >= 5
    assert all(preset.mapping.source and preset.mapping.sniff.weight for preset in presets.presets)
    assert len({preset.mapping.name for preset in presets.presets}) == len(presets.presets)


def test_aps_9id_cssi(tmp_path: Path) -> None:
    """Motor positions are (x, y) in mm (ptychodus, aps09id_cssi_position_file.py)."""
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["exchange/data"] = shaped()
        file["exchange/motor_pos"] = np.column_stack([grid()[:, ::-1] * 1e-3, np.zeros(N)])
    raw = open_raw(path)
    assert raw.format == "APS 9-ID CSSI"
    assert raw.positions is not None
    assert raw.stated.position_unit == "m"
    np.testing.assert_allclose(raw.positions, grid() * 1e-6)
    np.testing.assert_array_equal(raw.frames.read(np.arange(N)), shaped())


def test_aps_19id_isn(tmp_path: Path) -> None:
    """External links in PTYCHO, numbers in configs (ptychodus, aps19id_isn_diffraction_file.py)."""
    for line in range(NY):
        with h5py.File(tmp_path / f"line_{line}.h5", "w") as file:
            file["entry/data/data"] = shaped()[line * NX : (line + 1) * NX]
    path = tmp_path / "master.h5"
    numbers = {"det_dist_mm": 2.5, "pix_size_x": 75e-6, "pix_size_y": 50e-6, "photon_energy_eV": 9000.0}
    with h5py.File(path, "w") as file:
        for line in range(NY):
            file[f"PTYCHO/img_{line}"] = h5py.ExternalLink(f"line_{line}.h5", "/entry/data/data")
        for key, value in numbers.items():
            file[f"configs/{key}"] = value
    raw = open_raw(path)
    assert raw.format == "APS 19-ID ISN"
    np.testing.assert_array_equal(raw.frames.read(np.arange(N)), shaped())
    assert (raw.stated.energy_ev, raw.stated.distance_m) == (9000.0, 2.5)
    assert raw.stated.detector_pixel_m == (50e-6, 75e-6)
    with h5py.File(path, "a") as file:
        for line in range(NY):
            del file[f"PTYCHO/img_{line}"]
            file[f"PTYCHO/img_{line}"] = h5py.ExternalLink(f"line_{line}.h5", "/")
    np.testing.assert_array_equal(open_raw(path).frames.read(np.arange(N)), shaped())


def test_aps_26id(tmp_path: Path) -> None:
    path = tmp_path / "scan_1.h5"
    with h5py.File(path, "w") as file:
        file["entry/data/data"] = shaped()
    raw = read_by_preset(path, shipped_presets())
    assert raw.format.startswith("APS 26-ID")
    assert raw.positions is None
    np.testing.assert_array_equal(raw.frames.read(np.arange(N)), shaped())


def test_esrf_id16a(tmp_path: Path) -> None:
    """Motors spy and spz in µm, frames flipped in rows (ptypy, ID16Anfp.py)."""
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["entry_0001/ptycho/data"] = np.roll(shaped()[:, ::-1], 1, axis=1)
        file["entry_0001/ptycho/motors/spy"] = grid()[:, 0]
        file["entry_0001/ptycho/motors/spz"] = grid()[:, 1]
        file["entry_0001/measurement/initial/energy"] = 17.05
        file["entry_0001/sample/pixel_size"] = 0.1
    scan = opened(path)
    assert scan.metadata.format == "ESRF ID16A (near field)"
    np.testing.assert_array_equal(counts(scan), shaped())
    np.testing.assert_allclose(scan.positions.values, grid() * 1e-6)
    assert scan.metadata.energy_ev == pytest.approx(17050)
    assert scan.metadata.pixel_size_m == pytest.approx((1e-7, 1e-7))
    assert any("near-field" in note for note in scan.metadata.notes)


def test_nsls2_holoptycho(tmp_path: Path) -> None:
    """uint8 amplitudes, positions in metres, energy in the container's metadata (formats.md C.10)."""
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file.attrs["xray_energy_kev"], file.attrs["distance_m"] = 12.0, 1.9
        file["diffraction/dp"] = shaped().astype(np.uint8)
        file["diffraction/probe_position_y_m"] = grid()[:, 0] * 1e-8
        file["diffraction/probe_position_x_m"] = grid()[:, 1] * 1e-8
    raw = open_raw(path)
    assert raw.format == "NSLS-II holoptycho"
    assert raw.stated.quantity == "amplitude"
    assert (raw.stated.energy_ev, raw.stated.distance_m) == (12_000, 1.9)
    np.testing.assert_allclose(raw.positions, grid() * 1e-8)


# The user's own.


def own_file(folder: Path) -> Path:
    path = folder / "mine.h5"
    with h5py.File(path, "w") as file:
        file["frames"], file["sx"], file["sy"] = shaped(), grid()[:, 1], grid()[:, 0]
        file["exchange/data"], file["exchange/motor_pos"] = shaped(), grid()
        file["kind"] = "mine"
        file["frames"].attrs["version"] = 2
    return path


MY_FILES = Sniff(keys=("frames", "sx|other"))


def own_mapping(name: str = "Mine", sniff: Sniff = MY_FILES) -> Mapping:
    return Mapping(
        name=name, sniff=sniff, patterns=FramesPlace(key="frames"), x=Axis(key="sx"), y=Axis(key="sy")
    )


def test_what_was_saved_opens_the_next_file_before_any_other_reader(tmp_path: Path) -> None:
    path = own_file(tmp_path)
    assert open_raw(path).format == "APS 9-ID CSSI"
    saved = save_preset(own_mapping())
    assert saved.parent == user_folder()
    assert reader_of(path).name == OwnPresetReader.name
    raw = open_raw(path)
    assert raw.format == "Mine"
    np.testing.assert_array_equal(raw.positions, grid())


def test_the_more_special_preset_wins(tmp_path: Path) -> None:
    path, folder = own_file(tmp_path), tmp_path / "presets"
    for name, sniff in {
        "plain": Sniff(keys=("frames",)),
        "special": Sniff(keys=("frames",), values={"kind": "mine", "frames@version": 2}),
        "wrong": Sniff(keys=("frames", "sx"), values={"kind": "other", "frames@version": 2}),
        "never": Sniff(),
    }.items():
        save_preset(own_mapping(name, sniff), folder)
    assert OwnPresetReader(folder).sniff(path)
    assert OwnPresetReader(folder).read(path).format == "special"


def test_a_faulty_preset_is_left_out_and_told(tmp_path: Path) -> None:
    path, folder = own_file(tmp_path), tmp_path / "presets"
    save_preset(own_mapping(), folder)
    (folder / "broken.toml").write_text("name = 5")
    (folder / "latin.toml").write_bytes(b"name = '\xff'")
    presets = list_presets(folder)
    assert presets.presets[0].mapping.name == "Mine"
    assert len(presets.faults) == 2
    assert "broken.toml" in presets.faults[0]
    assert any("broken.toml" in note for note in OwnPresetReader(folder).read(path).notes)


def test_a_preset_is_not_replaced_unasked(tmp_path: Path) -> None:
    save_preset(own_mapping("My / line"), tmp_path)
    with pytest.raises(PresetError, match="My / line already"):
        save_preset(own_mapping("My / line"), tmp_path)
    save_preset(own_mapping("My / line", Sniff(keys=("new",))), tmp_path, overwrite=True)
    assert own_presets(tmp_path).presets[0].mapping.sniff.keys == ("new",)
    (tmp_path / "file").write_text("")
    with pytest.raises(PresetError, match="cannot be written"):
        save_preset(own_mapping(), tmp_path / "file" / "sub")


@pytest.mark.parametrize("content", [b"", b"no HDF5", b"\x89HDF\r\n\x1a\n cut"])
def test_what_is_no_hdf5_is_known_by_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(content)
    assert list_presets().find(path) is None
