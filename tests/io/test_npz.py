import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io import frames_last, temporary
from ptygui.io.npz import open_npz


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def forge(path: Path, header: str, data: bytes = b"", compression: int = zipfile.ZIP_STORED) -> None:
    """Write a member with any header (NEP 1: magic, version, length, literal)."""
    text = header.encode().ljust(118) + b"\n"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("data.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data)


def literal(shape: str, descr: str = "'<f4'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"


def test_pickles_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.array([[[Bomb(tmp_path / "boom")]]], dtype=object))
    with open_npz(tmp_path / "a.npz") as file:
        for access in (file.header, file.array, file.stack):
            with pytest.raises(ScanError, match="pickled Python objects"):
                access("data")
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    ("header", "words"),
    [
        (literal("(10**6, 128, 128)"), "cannot be read"),
        (literal("(1000000, 128, 128)"), "more than the file holds"),
        (literal("(99999999999999999999, 1, 1)"), "more than the file holds"),
        (literal("(-1, 4, 4)"), "impossible shape"),
        (literal("(1, 4, 4)", "[('a', '<f4')]"), "not plain numbers"),
        (literal("(1, 4, 4)", "'O'"), "pickled"),
        (literal("(1, 4, 4)", "'nonsense'"), "cannot be read"),
        ("(" * 100, "cannot be read"),
        ("__import__('os').mkdir('x')", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_forged_headers(tmp_path: Path, header: str, words: str, compression: int) -> None:
    forge(tmp_path / "a.npz", header, bytes(64), compression)
    with open_npz(tmp_path / "a.npz") as file, pytest.raises(ScanError, match=words):
        file.stack("data")


def test_newer_header_version_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("data.npy", b"\x93NUMPY\x03\x00" + bytes(100))
    with open_npz(tmp_path / "a.npz") as file, pytest.raises(ScanError, match=r"version 3\.0"):
        file.header("data")


def test_file_cut_short_after_opening(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", data=np.ones((100, 8, 8), np.float32))
    with open_npz(tmp_path / "a.npz") as file:
        stack = file.stack("data")
    os.truncate(tmp_path / "a.npz", 5000)
    assert stack.read(np.array([0])).sum() == 64
    with pytest.raises(ScanError, match="ends before pattern 99"):
        stack.read(np.array([99]))
    with pytest.raises(ScanError, match="none at 100"):
        stack.read(np.array([100]))


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2", "<u2", ">i4", "u1", "?"])
def test_every_real_type_becomes_float32(tmp_path: Path, dtype: str) -> None:
    data = np.arange(3 * 4 * 5).reshape(3, 4, 5).astype(dtype)
    np.savez(tmp_path / "a.npz", data=data)
    with open_npz(tmp_path / "a.npz") as file:
        read = file.stack("data").read(np.array([2, 0, 1]))
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, data[[2, 0, 1]].astype(np.float32))


@pytest.mark.parametrize("slab", [1, 300, 1 << 20])
def test_rewriting_frames_in_slabs_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slab: int
) -> None:
    monkeypatch.setattr(frames_last, "SLAB_BYTES", slab)
    data = np.random.default_rng(0).normal(size=(7, 5, 11)).astype(np.float32)
    np.savez(tmp_path / "a.npz", data=data)
    with open_npz(tmp_path / "a.npz") as file:
        stack = file.stack("data", frames_last=True)
    np.testing.assert_array_equal(stack.read(np.arange(11)), np.moveaxis(data, 2, 0))


def test_too_little_disk_is_said_before_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "a.npz", data=np.ones((9, 8, 8)))
    monkeypatch.setattr(temporary, "RESERVE_BYTES", 1 << 60)
    with (
        open_npz(tmp_path / "a.npz") as file,
        pytest.raises(ScanError, match="free some space or set TMPDIR"),
    ):
        file.stack("data")


def test_temporary_files_go_with_their_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    np.savez_compressed(tmp_path / "a.npz", data=np.ones((9, 8, 8)))
    open_files = Path("/proc/self/fd")
    before = len(list(open_files.iterdir())) if open_files.exists() else 0
    with open_npz(tmp_path / "a.npz") as file:
        stack = file.stack("data")
    assert stack.read(np.arange(9)).sum() == 9 * 64
    del stack
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
    assert (len(list(open_files.iterdir())) if open_files.exists() else 0) == before
