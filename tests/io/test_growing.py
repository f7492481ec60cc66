"""Files that a process of its own writes and holds open while they are read."""

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from child_writer import WRITER, Writer, writer

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import PositionColumns, Reading
from ptygui.io import growing
from ptygui.io.growing import steadily
from ptygui.io.mapped_frames import MappedStack, open_mapped_stack
from ptygui.jobs import api


@pytest.mark.parametrize("mode", ["plain", "latest", "swmr"])
def test_what_is_there_is_read_while_the_file_grows(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.h5"
    with writer(path, mode) as writing:
        with pytest.raises(ScanError, match="has none yet: wait for the measurement"):
            api.open_raw(path)
        writing.add(3)
        raw = api.open_raw(path)
        assert raw.frames.shape == (3, 8, 8)
        writing.add(2)
        np.testing.assert_array_equal(raw.frames.read(np.arange(3))[:, 0, 0], [1, 2, 3])
        assert api.open_raw(path).frames.shape == (5, 8, 8)
    np.testing.assert_array_equal(raw.frames.read(np.arange(3))[:, 0, 0], [1, 2, 3])


@pytest.mark.parametrize("mode", ["latest", "swmr"])
def test_virtual_dataset_over_a_file_that_grows(tmp_path: Path, mode: str) -> None:
    with writer(tmp_path / "part.h5", mode) as writing:
        writing.add(4)
        layout = h5py.VirtualLayout((4, 8, 8), "u2")
        layout[:] = h5py.VirtualSource("part.h5", "entry/data/data", (4, 8, 8))
        with h5py.File(tmp_path / "master.h5", "w") as file:
            file.create_virtual_dataset("entry/data/data", layout)
            file["entry/instrument/detector/x_pixel_size"] = 75e-6
        frames = api.open_raw(tmp_path / "master.h5").frames
        if mode == "swmr":
            np.testing.assert_array_equal(frames.read(np.arange(4))[:, 0, 0], [1, 2, 3, 4])
        else:  # its writer lets nobody look
            with pytest.raises(ScanError, match="still being written by another program: wait for it"):
                frames.read(np.arange(4))
    np.testing.assert_array_equal(frames.read(np.array([3]))[:, 0, 0], [4])


def test_reading_in_the_middle_of_writing_never_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with writer(path, "plain") as writing:
        writing.add(1)
        writing.begin(600)
        seen = 1
        while seen < 601:
            frames = api.open_raw(path).frames
            assert frames.shape[0] >= seen
            seen = frames.shape[0]
            at = np.unique([0, seen // 2, seen - 1])
            np.testing.assert_array_equal(frames.read(at)[:, 0, 0], at + 1)
        writing.wait()


def test_a_file_whose_writer_was_killed_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), "latest", ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        writing = Writer(process)
        writing.wait()
        writing.add(4)
        process.kill()
    assert api.open_raw(path).frames.read(np.array([3]))[0, 0, 0] == 4


@pytest.mark.parametrize("positions", [2, 6])
def test_frames_and_positions_that_do_not_keep_pace(tmp_path: Path, positions: int) -> None:
    write_frames(tmp_path / "a.h5", 4)
    np.savetxt(tmp_path / "p.csv", np.arange(2.0 * positions).reshape(-1, 2), header="x_px y_px")
    raw = api.open_raw(tmp_path / "a.h5")
    columns = PositionColumns(path="p.csv")
    with pytest.raises(IncompleteScanError, match=f"4 patterns but {positions} probe positions") as caught:
        api.prepare(raw, Preparation(reading=Reading(positions_file=columns)))
    assert caught.value.lacks == ("mismatch",)
    scan = api.prepare(raw, Preparation(reading=Reading(positions_file=columns, mismatch="first")))
    assert len(scan) == min(4, positions)


def test_a_raster_is_read_while_its_file_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a dataset is tried again like a whole one."""
    path, attempts = tmp_path / "raster.h5", []
    with h5py.File(path, "w") as file:
        file["data"] = np.arange(2 * 3 * 4 * 4).reshape(2, 3, 4, 4)
    with h5py.File(path) as file:
        stack = open_mapped_stack(file, "data", (), frames_last=False)

    def busy(*_: object) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise ScanError("damaged for a moment")

    monkeypatch.setattr(MappedStack, "_runs", lambda self, ordered: (busy(), iter([(0, 1)]))[1])
    np.testing.assert_array_equal(stack.read(np.array([1])).ravel(), np.arange(16, 32))
    assert len(attempts) == 2


def write_frames(path: Path, n: int, side: int = 8) -> None:
    with h5py.File(path, "w") as file:
        file["entry/data/data"] = np.ones((n, side, side), "u2")
        file["entry/instrument/detector/x_pixel_size"] = 75e-6


@pytest.mark.parametrize(("n", "side"), [(2, 8), (4, 6)])
def test_a_file_that_was_written_anew_says_so(tmp_path: Path, n: int, side: int) -> None:
    write_frames(tmp_path / "a.h5", 4)
    frames = api.open_raw(tmp_path / "a.h5").frames
    write_frames(tmp_path / "a.h5", n, side)
    with pytest.raises(ScanError, match="was cut short or written anew, so open it again"):
        frames.read(np.arange(2))
    (tmp_path / "a.h5").unlink()
    with pytest.raises(ScanError, match="There is no file"):
        frames.read(np.arange(2))


def test_it_is_tried_again_only_while_something_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    monkeypatch.setattr(growing, "PAUSE_S", 0.0)
    attempts = []

    def fail(grow_until: int) -> None:
        attempts.append(None)
        if len(attempts) < grow_until:
            path.write_bytes(b"x" * len(attempts))
        raise ScanError("damaged")

    for grow_until, expected in ((0, 2), (5, 6), (1000, growing.ATTEMPTS)):
        attempts.clear()
        path.write_bytes(b"")
        with pytest.raises(ScanError, match="damaged"):
            steadily(path, lambda until=grow_until: fail(until))
        assert len(attempts) == expected
