"""Mappings: what they say as text, and what is read by them."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest

from ptygui.core.errors import IncompleteScanError, ScanError, UnknownHdf5Error
from ptygui.core.geometry import energy_ev, wavelength_m
from ptygui.core.mapping import (
    Axis,
    FramesPlace,
    Mapping,
    MaskPlace,
    Place,
    Sniff,
    Value,
    parse_part,
)
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io.mapped import read_mapped
from ptygui.io.mapping import from_toml, to_toml
from ptygui.io.registry import open_scan, prepare

N, H, W = 6, 10, 12
FRAMES = np.arange(N * H * W, dtype=np.float32).reshape(N, H, W)
EVERY = np.arange(N)


def write(path: Path, **keys: object) -> Path:
    with h5py.File(path, "w") as file:
        for key, value in ({"data": FRAMES} | keys).items():
            file[key] = value
    return path


def mapping(**parts: object) -> Mapping:
    return msgspec.structs.replace(Mapping(name="test", patterns=FramesPlace(key="data")), **parts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "scan_0012.h5")


def frames(raw: RawScan) -> np.ndarray:
    return raw.frames.read(np.arange(raw.frames.shape[0]))


def test_a_scan_opened_by_a_mapping_is_opened_so_again(tmp_path: Path) -> None:
    """What recipes, training configurations and presets keep is the preparation."""
    path = write(tmp_path / "a.h5", px=10.0 * EVERY, py=0.0 * EVERY)
    with pytest.raises(UnknownHdf5Error, match="a.h5 is an HDF5 file") as caught:
        open_scan(path)
    assert caught.value.path == str(path)
    by_hand = mapping(x=Axis(key="px"), y=Axis(key="py"), reading=Reading(quantity="intensity"))
    scan = open_scan(path, preparation=Preparation(mapping=by_hand, reading=Reading(position_unit="px")))
    assert scan.metadata.format == "test"
    kept = scan.metadata.preparation
    assert msgspec.convert(msgspec.to_builtins(kept), Preparation) == kept
    assert kept.mapping == by_hand
    assert len(open_scan(path, preparation=kept)) == N


# As text.


def test_a_mapping_comes_back_from_its_text() -> None:
    full = Mapping(
        name="My beamline",
        notes=("Mind the gap.",),
        sniff=Sniff(keys=("a", "b|c"), values={"entry@facility": "X", "version": 2.0}),
        patterns=FramesPlace(key=("a", "b"), file="{stem}_*.h5", part="0", frames_last=True),
        x=Axis(key="x", multiplier=1e-6, offset=2.0),
        y=Axis(key="y", part=":, 1"),
        raster="x slow",
        mask=MaskPlace(key="m", bad="zero"),
        energy=Value(value=8000.0),
        distance=Value(key="d", attribute="far", multiplier=1e-3),
        reading=Reading(quantity="amplitude", frames_orientation=4),
    )
    assert from_toml(to_toml(full), "here") == full


@pytest.mark.parametrize(
    ("text", "words"),
    [("name = 3", "str"), ("nam = 'a'", "nam"), ("name = 'a'\n[x]\nkey = 5", "x.key"), ("name = [", "valid")],
)
def test_a_faulty_text_is_said_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ScanError, match=f"^preset p is no valid mapping: .*{words}"):
        from_toml(text, "preset p")


@pytest.mark.parametrize("text", ["a", "0:1:2:3", "::-1", "::0", "1,,2"])
def test_parts_that_are_none(text: str) -> None:
    with pytest.raises(ScanError, match="numbers and slices"):
        parse_part(text, "here")


# Patterns.


def test_a_raster_of_patterns_is_flattened_and_read_in_any_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", raster=FRAMES.reshape(2, 3, H, W))
    raw = read_mapped(path, mapping(patterns=FramesPlace(key="raster")))
    assert raw.frames.shape == (N, H, W)
    order = np.array([5, 1, 2, 3, 0])
    np.testing.assert_array_equal(raw.frames.read(order), FRAMES[order])


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("1", FRAMES.reshape(2, 3, H, W)[1]),
        (":, ::2", FRAMES.reshape(2, 3, H, W)[:, ::2].reshape(-1, H, W)),
        (":, -1, 2:8, 3:", FRAMES.reshape(2, 3, H, W)[:, -1, 2:8, 3:]),
    ],
)
def test_a_part_of_the_patterns(tmp_path: Path, part: str, wanted: np.ndarray) -> None:
    path = write(tmp_path / "a.h5", raster=FRAMES.reshape(2, 3, H, W))
    raw = read_mapped(path, mapping(patterns=FramesPlace(key="raster", part=part)))
    np.testing.assert_array_equal(frames(raw), wanted)


def test_frames_along_the_last_axis(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", matlab=np.moveaxis(FRAMES, 0, -1))
    raw = read_mapped(path, mapping(patterns=FramesPlace(key="matlab", frames_last=True, part="1:, :, 1:5")))
    np.testing.assert_array_equal(frames(raw), FRAMES[1:5, 1:])


def test_patterns_of_several_keys_and_files_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number, first in ((10, 4), (9, 0)):
        keys = {f"e/data_{k}": FRAMES[first + k - 9 : first + k - 8] for k in (9, 10)}
        write(tmp_path / f"line_{number}.h5", **keys)
    path = write(tmp_path / "a[1].h5")
    raw = read_mapped(path, mapping(patterns=FramesPlace(key="e/data_*", file="line_*.h5")))
    np.testing.assert_array_equal(frames(raw), FRAMES[[0, 1, 4, 5]])
    np.testing.assert_array_equal(raw.frames.read(np.array([3, 0])), FRAMES[[5, 0]])


def test_another_file_by_stem_and_number(path: Path) -> None:
    write(path.with_name("det-0012.h5"), data=2 * FRAMES)
    write(path.with_name("scan_0012_pos.h5"), x=EVERY, y=EVERY)
    raw = read_mapped(
        path,
        mapping(
            patterns=FramesPlace(key="data", file="det-{number}.h5"),
            x=Axis(key="x", file="{stem}_pos.h5"),
            y=Axis(key="y", file="{stem}_pos.h5"),
        ),
    )
    np.testing.assert_array_equal(frames(raw), 2 * FRAMES)
    assert raw.positions is not None
    assert len(raw.positions) == N


def test_the_first_key_that_is_there(path: Path) -> None:
    assert read_mapped(path, mapping(patterns=FramesPlace(key=("older", "data")))).frames.shape[0] == N


def test_links_to_files_that_are_missing_are_left_out_and_told(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["series/data_1"] = h5py.SoftLink("/data")
        file["series/data_2"] = h5py.ExternalLink("gone.h5", "/data")
    raw = read_mapped(path, mapping(patterns=FramesPlace(key="series/*")))
    assert raw.frames.shape == (N, H, W)
    assert any("gone.h5" in note for note in raw.notes)
    with pytest.raises(ScanError, match=r"lies in gone\.h5, which is missing"):
        read_mapped(path, mapping(patterns=FramesPlace(key="series/data_2")))


def test_nothing_may_be_missing_before_other_patterns(path: Path) -> None:
    """What follows would be paired with positions of others."""
    with h5py.File(path, "a") as file:
        file["series/data_1"] = h5py.ExternalLink("gone.h5", "/data")
        file["series/data_2"] = h5py.SoftLink("/data")
    with pytest.raises(ScanError, match=r"lies in gone\.h5, which is missing"):
        read_mapped(path, mapping(patterns=FramesPlace(key="series/*")))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (
            FramesPlace(key="entry/nothing"),
            r"scan_0012\.h5 has no entry/nothing, where the patterns should be; / has",
        ),
        (FramesPlace(), "nobody said where the patterns are"),
        (FramesPlace(key="text"), "must be patterns"),
        (FramesPlace(key="line"), "must be patterns"),
        (FramesPlace(key="data", part="7"), "leaves nothing"),
        (FramesPlace(key="data", part=":, 0, :"), "one piece"),
        (FramesPlace(key="data", part=":, :, :, 0"), "3 axes, but 4"),
        (FramesPlace(key="data", file="other_*.h5"), r"needs other_\*\.h5, which is missing"),
        (FramesPlace(key="data", file="**/a.h5"), "whole disks"),
    ],
)
def test_what_cannot_be_patterns_is_said(tmp_path: Path, place: FramesPlace, words: str) -> None:
    path = write(tmp_path / "scan_0012.h5", text="hello", line=np.zeros(5))
    with pytest.raises(ScanError, match=words):
        read_mapped(path, mapping(patterns=place))


# Positions.


def places(raw: RawScan) -> np.ndarray:
    assert raw.positions is not None
    return raw.positions


def test_multipliers_and_offsets_bring_positions_to_metres(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", t=np.stack([EVERY, 10 * EVERY]))
    axes = {
        "x": Axis(key="t", part="0", multiplier=1e-3, offset=1.0),
        "y": Axis(key="t", part="1", multiplier=-1e-6),
    }
    raw = read_mapped(path, mapping(**axes))
    np.testing.assert_allclose(places(raw), np.stack([-1e-5 * EVERY, 1e-3 * EVERY + 1], axis=-1))
    assert raw.stated.position_unit == "m"


def test_units_of_the_file_count(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=EVERY, y=EVERY, z=EVERY)
    with h5py.File(path, "a") as file:
        file["x"].attrs["units"], file["y"].attrs["units"], file["z"].attrs["units"] = "µm", b"um", "nm"
    raw = read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="y")))
    assert raw.stated.position_unit == "um"
    np.testing.assert_array_equal(places(raw)[:, 0], EVERY)
    raw = read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="z")))
    assert raw.stated.position_unit == "m"
    np.testing.assert_allclose(places(raw), EVERY[:, None] * [1e-9, 1e-6])


def test_without_units_it_is_left_open(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=EVERY, y=EVERY)
    assert read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="y"))).stated.position_unit is None


@pytest.mark.parametrize("slow", [None, "y slow", "x slow"])
def test_axes_of_a_raster(tmp_path: Path, slow: str | None) -> None:
    path = write(tmp_path / "a.h5", x=np.arange(3.0), y=np.arange(2.0))
    got = places(read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="y"), raster=slow)))
    order = [(y, x) for x in range(3) for y in range(2)] if slow == "x slow" else None
    np.testing.assert_array_equal(got, order or [(y, x) for y in range(2) for x in range(3)])


def test_a_raster_of_positions_is_flattened(tmp_path: Path) -> None:
    y, x = np.mgrid[:2, :3]
    got = places(read_mapped(write(tmp_path / "a.h5", x=x, y=y), mapping(x=Axis(key="x"), y=Axis(key="y"))))
    np.testing.assert_array_equal(got, [(y, x) for y in range(2) for x in range(3)])


def test_positions_that_fit_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=np.arange(4), y=np.arange(5))
    with pytest.raises(ScanError, match="5 positions y and 4 positions x for 6 patterns"):
        read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="y")))
    raw = read_mapped(path, mapping(x=Axis(key="x"), y=Axis(key="x")))
    with pytest.raises(IncompleteScanError, match="6 patterns but 4 probe positions"):
        prepare(raw, Preparation())


def test_without_positions_they_are_asked_for(path: Path) -> None:
    with pytest.raises(IncompleteScanError) as caught:
        prepare(read_mapped(path, mapping()), Preparation())
    assert caught.value.lacks == ("positions_file",)


# Numbers.


@pytest.mark.parametrize(
    ("stored", "unit", "value", "wanted"),
    [
        (8.0, "keV", Value(key="e"), 8000.0),
        (8.0, None, Value(key="e", multiplier=1e3, offset=5.0), 8005.0),
        (8000.0, None, Value(key="e"), 8000.0),
        (8000 * 1.602176634e-19, "J", Value(key="e"), 8000.0),
        ([7.0, 8.0, np.nan], "keV", Value(key="e", part="1"), 8000.0),
        (0.0, None, Value(key="gone", value=7000.0), 7000.0),
        (0.0, None, Value(value=7000.0), 7000.0),
    ],
)
def test_the_energy(tmp_path: Path, stored: object, unit: str | None, value: Value, wanted: float) -> None:
    path = write(tmp_path / "a.h5", e=stored)
    if unit is not None:
        with h5py.File(path, "a") as file:
            file["e"].attrs["units"] = unit
    raw = read_mapped(path, mapping(energy=value))
    assert raw.stated.energy_ev == pytest.approx(wanted)
    assert raw.notes == ()


def test_a_wavelength_stands_in_for_the_energy(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", wave=wavelength_m(7000.0) * 1e9)
    raw = read_mapped(path, mapping(wavelength=Value(key="wave", multiplier=1e-9)))
    assert raw.stated.energy_ev == pytest.approx(7000)
    assert energy_ev(wavelength_m(7000.0)) == pytest.approx(7000)


def test_geometry_from_attributes_and_arrays(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.attrs["far_mm"] = -2000.0
        file["psize"] = [50e-6, 75e-6]
    raw = read_mapped(
        path,
        mapping(
            distance=Value(key="/", attribute="far_mm", multiplier=1e-3),
            detector_pixel_y=Value(key="psize", part="0"),
            detector_pixel_x=Value(key="psize", part="1"),
        ),
    )
    assert raw.stated.distance_m == pytest.approx(2)
    assert raw.stated.detector_pixel_m == (50e-6, 75e-6)
    raw = read_mapped(path, mapping(detector_pixel_x=Value(key="psize", part="1")))
    assert raw.stated.detector_pixel_m == (75e-6, 75e-6)


@pytest.mark.parametrize(
    ("stored", "words"), [("8 keV", "must hold numbers"), (np.nan, "number"), (0.0, "not told")]
)
def test_numbers_that_are_none_are_told_and_left_out(tmp_path: Path, stored: object, words: str) -> None:
    raw = read_mapped(write(tmp_path / "a.h5", e=stored), mapping(energy=Value(key="e")))
    assert raw.stated.energy_ev is None
    assert words in raw.notes[0]
    assert "a.h5" in raw.notes[0]


def test_the_beam_centre_moves_with_the_piece_of_the_frame(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", cy=5.2, cx=7.9)
    raw = read_mapped(
        path,
        mapping(
            patterns=FramesPlace(key="data", part=":, 1:, 2:"),
            centre_row=Value(key="cy"),
            centre_col=Value(key="cx"),
        ),
    )
    assert raw.stated.centre_px == (4, 6)
    assert raw.stated.zero_frequency == "detector"


def test_what_the_mapping_says_of_conventions_is_stated(path: Path) -> None:
    reading = Reading(quantity="amplitude", frames_orientation=2, energy_ev=1000.0)
    raw = read_mapped(path, mapping(reading=reading, energy=Value(value=5.0)))
    assert raw.stated == reading


# What belongs to the frames.


@pytest.mark.parametrize(("bad", "where"), [("nonzero", (2, 3)), ("zero", (0, 0))])
def test_masks(tmp_path: Path, bad: str, where: tuple[int, int]) -> None:
    mask = np.ones((H, W), np.uint32) if bad == "zero" else np.zeros((H, W), np.uint32)
    mask[where] = 1 - mask[where]
    path = write(tmp_path / "a.h5", mask=mask[None], many=np.stack([mask, mask]))
    for key in ("mask", "many"):
        raw = read_mapped(path, mapping(mask=MaskPlace(key=key, bad=bad)))
        assert raw.bad_pixels is not None
        assert np.argwhere(raw.bad_pixels).tolist() == [list(where)]


def test_images_follow_the_piece_of_the_frame(tmp_path: Path) -> None:
    dark = np.arange(2 * H * W, dtype=float).reshape(2, H, W)
    path = write(tmp_path / "a.h5", dark=dark, i0=EVERY + 1.0, flat=np.ones((3, 3)))
    part = FramesPlace(key="data", part=":, 2:8")
    raw = read_mapped(path, mapping(patterns=part, dark=Place(key="dark"), monitor=Place(key="i0")))
    assert raw.dark is not None
    np.testing.assert_array_equal(raw.dark, dark.mean(axis=0)[2:8])
    np.testing.assert_array_equal(raw.monitor, EVERY + 1.0)
    with pytest.raises(ScanError, match=r"flat, must be the flat field, 10 × 12 like the patterns"):
        read_mapped(path, mapping(flat=Place(key="flat")))


def test_what_may_be_absent_is_told(path: Path) -> None:
    gone = Place(key="gone")
    raw = read_mapped(path, mapping(mask=MaskPlace(key="gone"), dark=gone, flat=gone, monitor=gone))
    assert len(raw.notes) == 4
    assert all("gone" in note for note in raw.notes)


def test_object_arrays_are_refused(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("o", data=[b"cos\nsystem"], dtype=h5py.special_dtype(vlen=bytes))
    with pytest.raises(ScanError, match="must hold numbers"):
        read_mapped(path, mapping(x=Axis(key="o"), y=Axis(key="o")))
