"""What a scan lies in: every file that may change while it is measured, seen without being opened."""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from child_writer import writer
from samples import fold_slice, ptychodus_dp

from ptygui.core.errors import ScanError
from ptygui.core.preparation import MaskFile, Preparation
from ptygui.core.reading import PositionColumns, Reading
from ptygui.io.reach import Reach, check_known, look, reach_of, with_named
from ptygui.io.registry import open_raw


def reach(path: Path) -> Reach:
    return reach_of(path, open_raw(path))


def changes(reached: Reach, write: Callable[[], object]) -> bool:
    before = look(reached)
    write()
    return look(reached) != before


@pytest.mark.parametrize("mode", ["plain", "swmr"])
def test_a_file_that_another_process_appends_to(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.h5"
    with writer(path, mode, "scan") as writing:
        writing.add(4)
        raw = open_raw(path)
        assert raw.usable == 4
        reached = reach_of(path, raw)
        assert not changes(reached, lambda: None)
        assert changes(reached, lambda: writing.add(2))
        assert open_raw(path).usable == 6


def test_a_file_that_was_replaced_or_taken_away(tmp_path: Path) -> None:
    path, new = tmp_path / "a.h5", tmp_path / "new.h5"
    for each, n in ((path, 3), (new, 5)):
        write_frames(each, n)
    reached = reach(path)
    assert changes(reached, lambda: os.replace(new, path))  # noqa: PTH105
    path.unlink()
    assert look(reached)[str(path)] is None


def test_frames_that_come_into_a_folder(tmp_path: Path) -> None:
    for n in range(3):
        tifffile.imwrite(tmp_path / f"frame_{n:04}.tif", np.ones((8, 8), "u2"))
    reached = reach(tmp_path)
    assert not changes(reached, lambda: (tmp_path / "log.txt").write_text("beside"))
    assert not changes(reached, lambda: (tmp_path / "dark.tif").write_bytes(b"called otherwise"))
    assert changes(reached, lambda: tifffile.imwrite(tmp_path / "frame_0003.tif", np.ones((8, 8), "u2")))
    assert changes(reached, lambda: (tmp_path / "frame_0002.tif").write_bytes(b"cut"))


def test_files_behind_a_virtual_dataset(tmp_path: Path) -> None:
    layout = h5py.VirtualLayout((6, 8, 8), "u2")
    for part in range(2):
        write_frames(tmp_path / f"part{part}.h5", 3)
        source = h5py.VirtualSource(f"part{part}.h5", "entry/data/data", (3, 8, 8))
        layout[3 * part : 3 * part + 3] = source
    with h5py.File(tmp_path / "master.h5", "w") as file:
        file.create_virtual_dataset("entry/data/data", layout)
        file["entry/instrument/detector/x_pixel_size"] = 75e-6
    reached = reach(tmp_path / "master.h5")
    assert {path.name for path in reached.files} == {"master.h5", "part0.h5", "part1.h5"}
    assert changes(reached, lambda: write_frames(tmp_path / "part1.h5", 4))


def test_files_behind_links_some_of_which_are_not_written_yet(tmp_path: Path) -> None:
    write_frames(tmp_path / "a_data_000001.h5", 3)
    with h5py.File(tmp_path / "a_master.h5", "w") as file:
        file["entry/instrument/detector/x_pixel_size"] = 75e-6
        for part in (1, 2):
            link = h5py.ExternalLink(f"a_data_{part:06}.h5", "entry/data/data")
            file[f"entry/data/data_{part:06}"] = link
    reached = reach(tmp_path / "a_master.h5")
    assert changes(reached, lambda: write_frames(tmp_path / "a_data_000002.h5", 3))


def test_files_beside_the_patterns(tmp_path: Path) -> None:
    path = ptychodus_dp.write(tmp_path)
    assert tmp_path / "product.npz" in reach(path).files
    (tmp_path / "pair").mkdir()
    pair = fold_slice.write(tmp_path / "pair")
    assert len([each for each in reach(pair).files if each.suffix == pair.suffix]) == 2


def test_files_that_a_preparation_names(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_frames(path, 3)
    steps = (MaskFile(path="mask.tif"),)
    preparation = Preparation(reading=Reading(positions_file=PositionColumns(path="p.csv")), steps=steps)
    reached = with_named(reach(path), open_raw(path), preparation)
    assert reached.named == (tmp_path / "p.csv", tmp_path / "mask.tif")
    assert changes(reached, lambda: (tmp_path / "p.csv").write_text("x y"))
    assert with_named(reached, open_raw(path), Preparation()).named == ()


def test_what_no_reader_knows_any_more(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_frames(path, 3)
    check_known(path)
    path.write_bytes(b"something else")
    with pytest.raises(ScanError):
        check_known(path)


def write_frames(path: Path, n: int) -> None:
    with h5py.File(path, "w") as file:
        file["entry/data/data"] = np.ones((n, 8, 8), "u2")
        file["entry/instrument/detector/x_pixel_size"] = 75e-6
