from pathlib import Path

import h5py
import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.hdf5_links import first_missing_file, missing_sources
from ptygui.io.hdf5_stack import open_stack


def test_chain_of_links_is_followed_to_the_missing_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["entry/raw"] = h5py.ExternalLink("frames_000001.h5", "/data")
        file["entry/soft"] = h5py.SoftLink("raw")
        layout = h5py.VirtualLayout((2, 3, 3), np.uint32)
        layout[0:1] = h5py.VirtualSource(".", "/entry/soft", (1, 3, 3))
        layout[1:2] = h5py.VirtualSource("frames_000002.h5", "/data", (1, 3, 3))
        file.create_virtual_dataset("entry/data", layout)
        assert missing_sources(file, "entry/data") == ["frames_000001.h5", "frames_000002.h5"]
        assert first_missing_file(file) == "frames_000001.h5"
        with pytest.raises(ScanError, match=r"frames_000001\.h5, frames_000002\.h5, which is missing"):
            open_stack(file, "entry/data")


def test_links_in_circles_end(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/again"] = file["/"]
        file["a"], file["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/a")
        assert first_missing_file(file) is None
        with pytest.raises(ScanError, match="too many links"):
            hdf5.dataset(file, "a")


def test_declared_but_never_written(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("dp", (10**6, 256, 256), np.uint32, chunks=(1, 256, 256))
        file.create_dataset("x", (10**12,), np.float64, chunks=(1000,))
    with hdf5.open_hdf5(tmp_path / "a.h5") as file:
        for key in ("dp", "x"):
            with pytest.raises(ScanError, match="nothing was written"):
                hdf5.array(file, key)


def test_arrays_too_large_for_memory_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (10**9,), np.float64, chunks=(1000,))[0] = 1
        with pytest.raises(ScanError, match="too large"):
            hdf5.array(file, "x")


@pytest.mark.parametrize(
    ("stored", "read"), [(3.5, 3.5), ([2], 2.0), (np.nan, None), ("text", None), ([], None)]
)
def test_numbers_in_attributes(tmp_path: Path, stored: object, read: float | None) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["value"] = stored
        assert hdf5.number(file, "value") == read
        assert hdf5.number(file, "absent") is None


def test_a_growing_file_can_be_read_again(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("dp", data=np.ones((2, 4, 4)), maxshape=(None, 4, 4))
    with hdf5.open_hdf5(tmp_path / "a.h5") as file:
        stack = open_stack(file, "dp")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["dp"].resize(3, axis=0)
        file["dp"][2] = 7
    assert stack.read(np.array([1, 0])).sum() == 32
    with hdf5.open_hdf5(tmp_path / "a.h5") as file:
        assert open_stack(file, "dp").read(np.array([2]))[0, 0, 0] == 7
