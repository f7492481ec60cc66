"""What is remembered for a kind of files: kept, found again, and never in the way of opening."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
import samples.cxi
import samples.ptychopinn

from ptygui.core.errors import PresetError, PresetExistsError, ScanError
from ptygui.core.preparation import Bin, MaskHot, Preparation, Stroke, SubtractDark, Window
from ptygui.core.preparation import MaskPainted as Painted
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.remembered import Kind, Recalled, Remembered, kind_of
from ptygui.io.convert import scan_format, write_scan
from ptygui.io.file_origin import origin_of
from ptygui.io.registry import open_raw, prepare
from ptygui.io.remembered import forget, list_remembered, recall, remember, remembered_folder

USUAL = Preparation(
    reading=Reading(frames_orientation=2),
    steps=(Painted(strokes=(Stroke(row=1, col=2, radius=1),)), Window(size_px=(12, 12), centre_px=(7, 8))),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return cxi(tmp_path / "a", "NanoMAX")


def cxi(folder: Path, instrument: str = "", source: str = "MAX IV") -> Path:
    """A file of the public definition, with the names of where it comes from."""
    folder.mkdir()
    path = samples.cxi.write(folder)
    with h5py.File(path, "a") as file:
        if instrument:
            file["entry_1/instrument_1/name"] = instrument
            file["entry_1/instrument_1/source_1/name"] = source
    return path


def kept_for(path: Path, preparation: Preparation = USUAL, name: str = "NanoMAX 2026") -> Remembered:
    remembered = Remembered.of(preparation, name, kind_of(open_raw(path)))
    remember(remembered)
    return remembered


def opened(path: Path) -> Recalled:
    return recall(open_raw(path), prepare)


def counts(recalled: Recalled) -> np.ndarray:
    scan = recalled.whole()
    return scan.patterns.read(np.arange(len(scan)))


def test_the_next_file_of_the_kind_opens_so_and_says_so(path: Path, tmp_path: Path) -> None:
    remembered = kept_for(path)
    following = cxi(tmp_path / "b", "NanoMAX")
    found = opened(following)
    assert found.remembered == remembered
    assert found.preparation == USUAL
    assert found.sentences == ("letter.cxi is read and prepared as remembered for “NanoMAX 2026”.",)
    np.testing.assert_array_equal(counts(found), counts(Recalled(prepare(open_raw(following), USUAL))))
    assert found.whole().pattern_shape == (12, 12)


def test_what_is_written_is_read_again_and_is_a_preparation_with_a_table_for(path: Path) -> None:
    remembered = kept_for(path)
    (file,) = remembered_folder().iterdir()
    assert file.name == "NanoMAX 2026.toml"
    assert list_remembered().kept[0].remembered == remembered
    text = file.read_text()
    assert "[for]" in text
    assert "[reading]" in text
    assert list_remembered().find(remembered.kind) == remembered


@pytest.mark.parametrize(
    "other",
    [
        {"format": "Other"},
        {"pattern_shape": (16, 17)},
        {"origin": ""},
        {"origin": "NanoMAX, other"},
    ],
)
def test_files_of_another_kind_are_left_alone(path: Path, other: dict[str, object]) -> None:
    kind = kind_of(open_raw(path))
    assert kind == Kind(format="CXI", pattern_shape=(16, 16), origin="NanoMAX, MAX IV")
    values = {"format": kind.format, "pattern_shape": kind.pattern_shape, "origin": kind.origin, **other}
    remember(Remembered.of(USUAL, "Other", Kind(**values)))
    found = opened(path)
    assert (found.remembered, found.preparation, found.sentences) == (None, Preparation(), ())
    assert found.whole().pattern_shape == (16, 16)


def test_what_ptygui_writes_of_such_a_file_is_no_file_of_the_beamline(tmp_path: Path) -> None:
    """It states all that is remembered already: turned once more it would be wrong."""
    path = cxi(tmp_path / "a")  # that names no instrument
    kept_for(path, Preparation(reading=Reading(frames_orientation=2)))
    scan = opened(path).whole()
    target = tmp_path / "mine.cxi"
    writer = scan_format(target, None)
    assert writer is not None
    list(write_scan(scan, writer, target, overwrite=False))
    assert open_raw(target).format == "CXI"
    assert opened(target).remembered is None


@pytest.mark.parametrize(("name", "form"), [("mine_dp.h5", "ptychodus"), ("mine_dp.npz", "ptychodus-npz")])
def test_nor_is_a_pair_that_ptygui_writes(tmp_path: Path, name: str, form: str) -> None:
    """Also where it was read from such a pair, so that format and size are the same."""
    written = []
    source = cxi(tmp_path / "a")
    for folder in ("theirs", "mine"):
        (tmp_path / folder).mkdir()
        target = tmp_path / folder / name
        writer = scan_format(target, form)
        assert writer is not None
        list(write_scan(opened(source).whole(), writer, target, overwrite=False))
        if folder == "theirs":
            _with_comments_of_others(*writer.targets(target))
            kept_for(target, Preparation(reading=Reading(frames_orientation=2)))
        source = target
        written.append(opened(target))
    assert [found.remembered is None for found in written] == [False, True]
    assert np.array_equal(counts(written[0]), counts(written[1]))


def _with_comments_of_others(_patterns: Path, product: Path) -> None:
    if product.suffix == ".npz":
        with np.load(product) as file:
            arrays = {**file, "comments": np.array("Thursday")}
        np.savez(product, **arrays)
    else:
        with h5py.File(product, "a") as file:
            file.attrs["comments"] = "Thursday"


def test_what_contradicts_the_file_wins_as_a_choice_does(path: Path) -> None:
    assert open_raw(path).stated.quantity == "intensity"
    kept_for(path, Preparation(reading=Reading(quantity="amplitude")))
    assert opened(path).whole().metadata.reading.quantity == "amplitude"


def test_a_step_that_is_impossible_leaves_the_file_as_it_says_and_is_told(path: Path, tmp_path: Path) -> None:
    dark = tmp_path / "dark.npy"
    np.save(dark, np.ones((16, 16), np.float32))
    kept_for(path, Preparation(reading=Reading(frames_orientation=2), steps=(SubtractDark(path=str(dark)),)))
    assert opened(path).remembered is not None
    dark.unlink()
    found = opened(path)
    assert (found.remembered, found.preparation) == (None, Preparation())
    (words,) = found.sentences
    assert "“NanoMAX 2026” is impossible here, so the file is read as it says" in words
    assert "Step 1 (dark)" in words
    assert "dark.npy" in words
    np.testing.assert_array_equal(counts(found), counts(Recalled(prepare(open_raw(path), Preparation()))))


def test_what_the_file_lacks_anyway_is_asked_for_as_ever(path: Path) -> None:
    kept_for(path)
    raw = replace(open_raw(path), positions=None)
    found = recall(raw, prepare)
    assert found.scan is None
    assert found.lacks is not None
    assert found.lacks.lacks == ("positions_file",)
    assert found.preparation == USUAL


def test_what_only_the_remembered_lacks_does_not_hinder(path: Path) -> None:
    """Lengths of which nobody knows how many object pixels they are."""
    raw = open_raw(path)
    assert raw.positions is not None
    bare = replace(raw, stated=Reading(position_unit="px"), positions=raw.positions * 1e7)
    remember(Remembered.of(Preparation(reading=Reading(position_unit="um")), "Metres", kind_of(bare)))
    found = recall(bare, prepare)
    assert found.remembered is None
    assert found.whole().positions.unit == "px"
    assert "“Metres” is impossible here" in found.sentences[0]


def test_a_file_that_is_no_scan_says_so(path: Path) -> None:
    kept_for(path)
    broken = replace(open_raw(path), positions=np.zeros((0, 2)))
    with pytest.raises(ScanError, match="0 probe positions"):
        recall(broken, prepare)


@pytest.mark.parametrize(
    "content",
    [
        b"name = 5",
        b"\xff\xfe",
        b"",
        b'name = "a"\n[for]\nformat = "CXI"\npattern_shape = [0, 1]',
        b"[[",
        b"a = 1",
    ],
)
def test_a_damaged_file_is_left_out_and_told(path: Path, content: bytes) -> None:
    remembered = kept_for(path)
    damaged = remembered_folder() / "damaged.toml"
    damaged.write_bytes(content)
    found = opened(path)
    assert found.remembered == remembered
    assert len(found.sentences) == 2
    assert "damaged.toml" in found.sentences[1]
    assert found.sentences[1].endswith("It was left out.")
    assert damaged.read_bytes() == content


def test_a_folder_in_the_place_of_a_file_is_left_out_and_told(path: Path) -> None:
    (remembered_folder() / "folder.toml").mkdir(parents=True)
    found = opened(path)
    assert found.remembered is None
    assert "folder.toml cannot be read" in found.sentences[0]


def test_for_a_kind_there_is_one_and_nothing_is_replaced_unasked(path: Path) -> None:
    first = kept_for(path)
    newer = Remembered.of(Preparation(steps=(Bin(),)), "Mine", first.kind)
    with pytest.raises(PresetExistsError, match="would replace"):
        remember(newer)
    assert opened(path).remembered == first
    remember(newer, overwrite=True)
    assert [kept.remembered for kept in list_remembered().kept] == [newer]
    other = Remembered.of(USUAL, "Other", Kind(format="Other", pattern_shape=(8, 8)))
    remember(other)
    assert len(list_remembered().kept) == 2


def test_a_file_of_another_name_is_not_overwritten(path: Path) -> None:
    first = kept_for(path, name="A/B")
    other = Remembered.of(USUAL, "A_B", Kind(format="Other", pattern_shape=(8, 8)))
    with pytest.raises(PresetExistsError, match=r"A_B\.toml"):
        remember(other, overwrite=True)
    assert [kept.remembered for kept in list_remembered().kept] == [first]


def test_what_was_left_half_written_counts_nowhere(path: Path) -> None:
    kept_for(path)
    (kept,) = list_remembered().kept
    whole = kept.path.read_bytes()
    for name, content in ((".NanoMAX 2026.0123abcd.toml", whole), (".NanoMAX 2026.4567abcd.toml", whole[:9])):
        kept.path.with_name(name).write_bytes(content)
    assert list_remembered().kept == (kept,)
    assert list_remembered().faults == ()


def test_what_is_forgotten_is_not_applied(path: Path) -> None:
    kept_for(path)
    (kept,) = list_remembered().kept
    forget(kept.path)
    forget(kept.path)  # by somebody else before
    assert opened(path).remembered is None


def test_what_cannot_be_written_or_deleted_is_one_sentence(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remembered = Remembered.of(USUAL, "Mine", kind_of(open_raw(path)))
    with pytest.raises(PresetError, match="cannot be written"):
        remember(remembered, tmp_path / "file" / "sub")
    with pytest.raises(PresetError, match="cannot be written"):
        remember(Remembered.of(USUAL, 120 * "漢", remembered.kind))  # too long for a file's name
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(PresetError, match="cannot be deleted"):
        forget(tmp_path / "full")


# Where files say that they come from.


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ({"entry/instrument/name": "I13-1", "entry/instrument/source/name": "Diamond"}, "I13-1, Diamond"),
        ({"entry/source/name": "Diamond"}, "Diamond"),
        ({"entry_1/instrument_1/name": b" cSAXS \n", "entry_1/program_name": "pilot"}, "cSAXS"),
        ({"entry_1/program_name": "ptygui"}, "ptygui"),
        ({"entry/instrument/name": 5, "entry/instrument/source/name": [1, 2]}, ""),
        ({"entry/instrument/name/group": 1}, ""),
        ({}, ""),
    ],
)
def test_origins(tmp_path: Path, told: dict[str, object], origin: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for key, value in told.items():
            file[key] = value
    assert origin_of(path) == origin


def test_a_dangling_name_and_other_files_have_no_origin(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["entry/instrument/name"] = h5py.ExternalLink("gone.h5", "/name")
    assert origin_of(path) == ""
    (tmp_path / "b.h5").write_bytes(b"\x89HDF\r\n\x1a\n cut")
    assert origin_of(tmp_path / "b.h5") == ""
    assert origin_of(tmp_path) == ""


def test_measured_files_say_where_they_come_from(real_data: Path) -> None:
    names = {
        "DLS_i03_i04_NXmx_Therm_6_2.nxs": "Diamond Light Source",
        "eiger9m_saxs_aps12idb.h5": "SAXS/GISAXS, Advanced Photon Source, Beamline 12-ID-B",
    }
    assert {name: origin_of(real_data / name) for name in names} == names


def test_what_others_save_for_ptychopinn_is_no_file_of_ptygui(tmp_path: Path) -> None:
    raw: RawScan = open_raw(samples.ptychopinn.write(tmp_path))
    assert raw.origin == ""
    assert MaskHot() in Remembered.of(Preparation(steps=(MaskHot(),)), "a", kind_of(raw)).steps
