"""TIFF stacks, folders of single frames, and files that fabio reads."""

import sys
import types
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from samples import tiff_stack
from samples.letter import letter

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import PositionColumns, Reading
from ptygui.io.readers import frame_folder
from ptygui.io.registry import open_raw, open_scan, reader_of
from ptygui.io.series import called_alike, natural_key, siblings

CBF_DATA = b"--CIF-BINARY-FORMAT-SECTION--\x0c\x1a\x04\xd5"
"""What begins the data of a CBF file."""


def frames() -> np.ndarray:
    return np.rint(letter().intensities).astype(np.uint32)


def pages(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        for frame in frames():
            file.write(frame, contiguous=False, compression="zlib")


def imagej(path: Path) -> None:
    tifffile.imwrite(path, frames().astype(np.float32), imagej=True)


def big_ome(path: Path) -> None:
    tifffile.imwrite(path, frames(), bigtiff=True, ome=True, metadata={"axes": "TYX"})


def one_page_for_all(path: Path) -> None:
    """As ImageJ writes stacks above 4 GB: one page, the frames behind it, their number in the description."""
    stack = frames().astype(">f4")
    words = f"ImageJ=1.53\nimages={len(stack)}\nslices={len(stack)}\n"
    with tifffile.TiffWriter(path, byteorder=">") as file:
        file.write(stack[0], description=words, metadata=None, software="")
    with tifffile.TiffFile(path) as file:
        offset = file.pages[0].dataoffsets[0]
    content = path.read_bytes()
    assert offset + stack[0].nbytes == len(content)
    path.write_bytes(content + stack[1:].tobytes())


@pytest.mark.parametrize("write", [pages, imagej, big_ome, one_page_for_all])
def test_stack_is_read_page_by_page(tmp_path: Path, write: object) -> None:
    path = tmp_path / "a.tif"
    write(path)  # type: ignore[operator]
    raw = open_raw(path)
    assert (raw.format, raw.frames.shape) == ("TIFF stack", (7, 16, 16))
    np.testing.assert_array_equal(raw.frames.read(np.array([5, 0, 0])), frames()[[5, 0, 0]])


def test_stack_with_positions_apart_is_a_scan(tmp_path: Path) -> None:
    path = tiff_stack.write(tmp_path)
    with pytest.raises(IncompleteScanError, match="no probe positions"):
        open_scan(path)
    np.savetxt(tmp_path / "positions.csv", letter().centres[:, ::-1], delimiter=",", header="x_px,y_px")
    reading = Reading(positions_file=PositionColumns(path="positions.csv"))
    scan = open_scan(path, preparation=Preparation(reading=reading))
    np.testing.assert_array_equal(scan.positions_px, letter().centres)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-900]), r"a\.tif"),
        (lambda path: path.write_bytes(b"II*\0" + b"\xff" * 40), r"a\.tif"),
        (lambda path: tifffile.imwrite(path, np.ones((3, 8, 8, 3), "u1"), photometric="rgb"), "in grey"),
        (lambda path: tifffile.imwrite(path, np.ones((3, 8, 8), "c8"), photometric="minisblack"), "in grey"),
    ],
)
def test_faulty_stacks_give_one_sentence(tmp_path: Path, content: object, words: str) -> None:
    path = tmp_path / "a.tif"
    pages(path)
    content(path)  # type: ignore[operator]
    with pytest.raises(ScanError, match=words) as caught:
        raw = open_raw(path)
        raw.frames.read(np.arange(raw.frames.shape[0]))
    assert str(caught.value).rstrip(".").count(". ") == 0


def folder(path: Path, names: list[str]) -> Path:
    path.mkdir()
    for name, frame in zip(names, frames(), strict=False):
        tifffile.imwrite(path / name, frame)
    return path


def test_folder_in_natural_order(tmp_path: Path) -> None:
    path = folder(tmp_path / "scan7", [f"frame_{i}.tif" for i in (8, 9, 10, 11, 99, 100, 101)])
    (path / "notes.txt").write_text("no frame")
    tifffile.imwrite(path / "dark.tif", frames()[0])
    raw = open_raw(path)
    assert (raw.name, raw.format) == ("scan7", "folder of frames (.tif)")
    np.testing.assert_array_equal(raw.frames.read(np.arange(7)), frames())
    assert any("1 files are called otherwise" in note and "dark.tif" in note for note in raw.notes)
    one = open_raw(path / "frame_9.tif")
    assert one.frames.shape[0] == 1
    assert "open the folder" in one.notes[0]


def test_folder_of_lines(tmp_path: Path) -> None:
    """APS 2-ID: a file a line."""
    path = tmp_path / "lines"
    path.mkdir()
    for line, part in enumerate(np.split(frames(), [3])):
        with h5py.File(path / f"2xfm_0123_{line + 9:d}.h5", "w") as file:
            file["entry/data/data"] = part
    np.testing.assert_array_equal(open_raw(path).frames.read(np.array([6, 2, 3])), frames()[[6, 2, 3]])


def test_frames_of_another_size(tmp_path: Path) -> None:
    path = folder(tmp_path / "scan", [f"{i:03d}.tif" for i in range(7)])
    tifffile.imwrite(path / "003.tif", np.ones((4, 4), "u2"))
    with pytest.raises(ScanError, match=r"003\.tif has a frame of \(4, 4\) pixels"):
        raw = open_raw(path)
        raw.frames.read(np.arange(7))
    raw = open_raw(folder(tmp_path / "gone", [f"{i:03d}.tif" for i in range(7)]))
    (tmp_path / "gone" / "005.tif").unlink()
    with pytest.raises(ScanError, match=r"no file .*005\.tif"):
        raw.frames.read(np.arange(7))


def test_more_stacks_than_can_be_open_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first frame of each would be read else, and nobody would know."""
    monkeypatch.setattr(frame_folder, "_MANY", 1)
    for number in range(2):
        pages(tmp_path / f"line_{number}.tif")
    with pytest.raises(ScanError, match="2 files with several frames each"):
        open_raw(tmp_path)


def test_folder_without_frames(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(ScanError, match="is a folder without a series"):
        open_raw(tmp_path)


def test_names(tmp_path: Path) -> None:
    names = [
        "s_00001_00002_00010.h5",
        "s_00001_00002_00009.h5",
        "s_00001_00010_00001.h5",
        "s_00002_00001_00001.h5",
    ]
    paths = [tmp_path / name for name in names]
    assert called_alike(paths) == [paths[1], paths[0], paths[2]]
    for path in paths:
        path.touch()
    assert siblings(paths[0]) == [paths[1], paths[0], paths[2]]
    assert siblings(tmp_path / "dark.h5") == [tmp_path / "dark.h5"]
    assert sorted(map(Path, ["b2", "a10", "a9", "1"]), key=natural_key) == list(
        map(Path, ["1", "a9", "a10", "b2"])
    )


def test_without_fabio_a_sentence_tells_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fabio", None)
    (tmp_path / "a_00001.cbf").write_bytes(b"###CBF: VERSION 1.5\r\n" + CBF_DATA)
    for path in (tmp_path / "a_00001.cbf", tmp_path):
        with pytest.raises(ScanError, match=r"pip install 'ptygui\[fabio\]'"):
            open_raw(path)


class FakeImage:
    """What fabio's classes have in common, of a file with .npy inside."""

    def __init__(self, path: str) -> None:
        if not Path(path).read_bytes().startswith(b"\x93NUMPY"):
            raise OSError("no frame. Nothing")
        self._stack = np.load(path, allow_pickle=False)
        self.nframes, self.data = len(self._stack), self._stack[0]

    def get_frame(self, index: int) -> types.SimpleNamespace:
        return types.SimpleNamespace(data=self._stack[index])

    def __enter__(self) -> "FakeImage":
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_frames_by_fabio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fabio", types.SimpleNamespace(open=FakeImage))  # type: ignore[arg-type]
    for index, frame in enumerate(frames()):
        with (tmp_path / f"a_{index:05d}.cbf").open("wb") as file:
            np.save(file, frame[None])
            file.write(CBF_DATA)
    np.testing.assert_array_equal(open_raw(tmp_path).frames.read(np.arange(7)), frames())
    with (tmp_path / "several.edf").open("wb") as file:
        np.save(file, frames())
    (tmp_path / "b.cbf").write_bytes(b"###CBF: VERSION 1.5")
    with pytest.raises(ScanError, match=r"b\.cbf has no binary data"):
        open_raw(tmp_path / "b.cbf")  # fabio looks for it without end
    raw = open_raw(tmp_path / "several.edf")
    np.testing.assert_array_equal(raw.frames.read(np.array([4, 1])), frames()[[4, 1]])
    (tmp_path / "bad.edf").write_bytes(b"nothing")
    with pytest.raises(ScanError, match=r"bad\.edf cannot be read \(no frame; Nothing\)"):
        open_raw(tmp_path / "bad.edf")


def test_real_cbf_and_edf(tmp_path: Path) -> None:
    """By fabio itself, where it is installed."""
    fabio = pytest.importorskip("fabio")
    fabio.edfimage.EdfImage(data=frames()[0]).write(str(tmp_path / "a.edf"))
    fabio.cbfimage.CbfImage(data=frames()[1].astype(np.int32)).write(str(tmp_path / "a.cbf"))
    for name, index in (("a.edf", 0), ("a.cbf", 1)):
        assert reader_of(tmp_path / name).name == "CBF, EDF and others (fabio)"
        np.testing.assert_array_equal(
            open_raw(tmp_path / name).frames.read(np.zeros(1, int))[0], frames()[index]
        )
