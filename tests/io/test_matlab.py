import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from samples.letter import matlab_73
from scipy.io import savemat

from ptygui.core.errors import Cancelled, ScanError
from ptygui.io.matlab import MatFile, number, open_mat, pair, peek_variables

FRAMES = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5)
"""(H, W, n) in MATLAB's axes."""
CONTENT = {
    "frames": FRAMES,
    "small": np.array([[1.5, -2.0]]),
    "object": np.array([[1 + 2j, 3j], [4, 5 - 1j], [0, 1]]),
    "p": {"lambda": 1e-10, "dx_spec": np.array([1e-8, 2e-8]), "inner": {"deep": np.arange(3.0)}},
    "flags": np.array([[True, False]]),
}


def version_5(folder: Path) -> Path:
    savemat(folder / "a.mat", CONTENT)
    return folder / "a.mat"


def version_7(folder: Path) -> Path:
    savemat(folder / "a.mat", CONTENT, do_compression=True)
    return folder / "a.mat"


def version_73(folder: Path) -> Path:
    return matlab_73(folder, "a.mat", **CONTENT)


VERSIONS = [version_5, version_7, version_73]


@pytest.mark.parametrize("write", VERSIONS)
def test_numbers_have_matlabs_axes(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path)
    assert peek_variables(path) == set(CONTENT)
    with open_mat(path) as file:
        np.testing.assert_array_equal(file.array("frames"), FRAMES)
        np.testing.assert_array_equal(file.array("object"), CONTENT["object"])
        np.testing.assert_array_equal(file.array("p.inner.deep").reshape(-1), [0, 1, 2])
        np.testing.assert_array_equal(file.array("flags"), [[1, 0]])
        assert number(file, "p.lambda") == 1e-10
        assert pair(file, "p.dx_spec") == (1e-8, 2e-8)
        assert pair(file, "p.lambda") == (1e-10, 1e-10)
        assert "p.absent" not in file
        assert "absent.field" not in file
        assert number(file, "p.absent") is None


@pytest.mark.parametrize("write", VERSIONS)
def test_frames_are_read_in_batches_after_closing(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    with open_mat(write(tmp_path)) as file:
        stack = file.stack("frames")
    assert stack.shape == (5, 4, 3)
    np.testing.assert_array_equal(stack.read(np.array([4, 0])), [FRAMES[:, :, 4].T, FRAMES[:, :, 0].T])


def test_frames_of_a_raster_are_counted_through(tmp_path: Path) -> None:
    raster = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    savemat(tmp_path / "a.mat", {"dp": raster}, do_compression=True)
    with open_mat(tmp_path / "a.mat") as file:
        stack = file.stack("dp")
    assert stack.shape == (20, 3, 2)
    np.testing.assert_array_equal(stack.read(np.array([6]))[0].T, raster.reshape(2, 3, 20, order="F")[..., 6])


def test_big_endian(tmp_path: Path) -> None:
    data = np.array([[1.0, 2.0], [3.0, 4.0]])
    name, values = b"m".ljust(8, b"\0"), data.T.astype(">f8").tobytes()
    inner = struct.pack(">IIII", 6, 8, 6, 0) + struct.pack(">IIii", 5, 8, 2, 2)
    inner += struct.pack(">II", 1, 1) + name + struct.pack(">II", 9, len(values)) + values
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI"
    (tmp_path / "a.mat").write_bytes(header + struct.pack(">II", 14, len(inner)) + inner)
    with open_mat(tmp_path / "a.mat") as file:
        np.testing.assert_array_equal(file.array("m"), data)


def test_unpacking_is_told_and_can_be_cancelled(tmp_path: Path) -> None:
    shares: list[float] = []
    with open_mat(version_7(tmp_path), shares.append) as file:
        file.stack("frames")
    assert shares[-1] == 1

    def cancel(_share: float) -> None:
        raise Cancelled

    with open_mat(tmp_path / "a.mat", cancel) as file, pytest.raises(Cancelled):
        file.stack("frames")


def refuse(path: Path, words: str, read: Callable[[MatFile], object]) -> None:
    with pytest.raises(ScanError, match=words) as caught, open_mat(path) as file:
        read(file)
    assert str(caught.value).rstrip(".").count(". ") == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array([1, "a"], object), "is a cell array: only plain numbers"),
        ("text", "is text"),
        ({"field": 1.0}, "is a struct"),
        (np.zeros((0, 3)), "is empty"),
    ],
)
def test_what_is_no_plain_number_is_refused(tmp_path: Path, value: object, words: str) -> None:
    savemat(tmp_path / "a.mat", {"x": value})
    refuse(tmp_path / "a.mat", words, lambda file: file.array("x"))


def matrix(code: int, name: bytes = b"x", shape: tuple[int, int] = (1, 1), values: bytes = b"") -> bytes:
    inner = struct.pack("<IIII", 6, 8, code, 0) + struct.pack("<IIii", 5, 8, *shape)
    inner += struct.pack("<HH4s", 1, len(name), name) + struct.pack("<II", 9, len(values)) + values
    return struct.pack("<II", 14, len(inner)) + inner


def write_elements(path: Path, *elements: bytes) -> Path:
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"".join(elements))
    return path


@pytest.mark.parametrize(("code", "words"), [(3, "is an object"), (16, "function handle"), (99, "unknown")])
def test_objects_and_functions_are_never_built(tmp_path: Path, code: int, words: str) -> None:
    path = write_elements(tmp_path / "a.mat", matrix(code))
    refuse(path, words, lambda file: file.array("x"))


def test_an_opaque_object_beside_numbers_does_no_harm(tmp_path: Path) -> None:
    inner = struct.pack("<IIII", 6, 8, 17, 0) + struct.pack("<HH4s", 1, 1, b"o")
    inner += struct.pack("<HH4s", 1, 4, b"MCOS")
    opaque = struct.pack("<II", 14, len(inner)) + inner
    plain = matrix(6, values=struct.pack("<d", 7.0))
    path = write_elements(tmp_path / "a.mat", opaque, plain)
    refuse(path, "is an object", lambda file: file.array("o"))
    with open_mat(path) as file:
        assert file.array("x") == 7


def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    """2 GB of zeros pack into 2 MB; here only their beginning is written."""
    count = 1 << 28
    start = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIii", 5, 8, 1, count)
    start += struct.pack("<HH4s", 1, 1, b"x") + struct.pack("<II", 9, 8 * (count - 1))
    start = struct.pack("<II", 14, len(start) + 8 * (count - 1)) + start
    packed = zlib.compress(start + bytes(1 << 20))
    impossible = write_elements(tmp_path / "a.mat", struct.pack("<II", 15, len(packed)) + packed)
    refuse(impossible, "declares more than the file holds", lambda file: file.array("x"))
    padded = packed + bytes(3 << 20)
    large = write_elements(tmp_path / "b.mat", struct.pack("<II", 15, len(padded)) + padded)
    refuse(large, "too large for what it should hold", lambda file: file.array("x"))


def test_more_declared_than_stored(tmp_path: Path) -> None:
    path = write_elements(tmp_path / "a.mat", matrix(6, shape=(1 << 20, 1 << 10), values=bytes(16)))
    refuse(path, "not what the file holds", lambda file: file.array("x"))


@pytest.mark.parametrize("write", [version_5, version_7])
def test_cut_short(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    refuse(path, "ends too early", lambda file: file.keys)


def test_damaged_compression(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"x": np.random.default_rng(0).random((100, 100))}, do_compression=True)
    content = bytearray((tmp_path / "a.mat").read_bytes())
    content[-2000:-1900] = bytes(100)
    (tmp_path / "a.mat").write_bytes(content)
    refuse(tmp_path / "a.mat", "is damaged|ends too early", lambda file: file.array("x"))


@pytest.mark.parametrize("content", [b"", b"text", b"MATLAB 5.0 MAT-file".ljust(200), bytes(300)])
def test_no_matlab_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mat").write_bytes(content)
    assert peek_variables(tmp_path / "a.mat") == set()
    assert peek_variables(tmp_path / "absent.mat") == set()


@pytest.mark.parametrize(
    ("kind", "words"),
    [("function_handle", "is a function_handle"), ("cell", "is a cell"), ("double", "object")],
)
def test_version_73_refuses_references(tmp_path: Path, kind: str, words: str) -> None:
    path = matlab_73(tmp_path, "a.mat", x=1.0)
    with h5py.File(path, "a") as file:
        del file["x"]
        file["x"] = np.array([file.ref], h5py.ref_dtype)
        file["x"].attrs["MATLAB_class"] = np.bytes_(kind)
    refuse(path, words, lambda file: file.array("x"))


def test_version_73_refuses_objects_and_empty_arrays(tmp_path: Path) -> None:
    path = matlab_73(tmp_path, "a.mat", x=np.ones((2, 2)), y=np.ones((2, 1)))
    with h5py.File(path, "a") as file:
        file["x"].attrs["MATLAB_object_decode"] = np.int32(3)
        file["y"].attrs["MATLAB_empty"] = np.uint8(1)
    refuse(path, "MATLAB object: only plain numbers", lambda file: file.array("x"))
    refuse(path, "is empty", lambda file: file.array("y"))
    refuse(path, "no variable z", lambda file: file.array("z"))


def test_damaged_complex_numbers_are_not_read(tmp_path: Path) -> None:
    """With another exponent bias h5py takes them for long doubles, and HDF5 would write beyond the array."""
    path = matlab_73(tmp_path, "a.mat", x=1.0)
    damaged = h5py.h5t.IEEE_F64LE.copy()
    damaged.set_ebias(772)
    compound = h5py.h5t.create(h5py.h5t.COMPOUND, 16)
    compound.insert(b"real", 0, damaged)
    compound.insert(b"imag", 8, h5py.h5t.IEEE_F64LE)
    with h5py.File(path, "a") as file:
        found = h5py.h5d.create(file.id, b"z", compound, h5py.h5s.create_simple((2, 2)))
        found.write(h5py.h5s.ALL, h5py.h5s.ALL, np.zeros((2, 2), "V16"), compound)
    refuse(path, "must hold numbers", lambda file: file.array("z"))
