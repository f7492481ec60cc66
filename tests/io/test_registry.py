from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io import registry
from ptygui.io.registry import list_readers, open_scan


def test_every_module_of_readers_registers_one_reader() -> None:
    modules = [path.stem for path in (Path(registry.__file__).parent / "readers").glob("[!_]*.py")]
    assert len(list_readers()) == len(modules) >= 3
    assert all(reader.name for reader in list_readers())
    assert all(reader.extensions or getattr(reader, "folders", False) for reader in list_readers())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.npz", None, "There is no file"),
        ("empty.npz", b"", "is empty"),
        ("text.npz", b"some text", r"in no format that ptygui reads \(with this ending: .*tike"),
        ("text.doc", b"some text", r"in no format that ptygui reads\.$"),
        ("cut.npz", b"PK\x03\x04 and no more", "damaged or incomplete .npz"),
        ("cut.npz.bz2", b"BZh9 and no more", "damaged or incomplete .npz"),
        ("cut.h5", b"\x89HDF\r\n\x1a\n and no more", "damaged or incomplete HDF5"),
    ],
)
def test_what_is_no_scan_is_said_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ScanError, match=words) as caught:
        open_scan(tmp_path / name)
    assert name in str(caught.value)


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="is a folder"):
        open_scan(tmp_path)


def test_archive_of_something_else_names_its_keys(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", weights=np.zeros(3), bias=np.zeros(3))
    with pytest.raises(ScanError, match=r"no ptychography scan .* \(it has bias, weights\)"):
        open_scan(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["scan.dat", "scan", "scan.h5"])
def test_content_decides_not_the_name(tmp_path: Path, name: str) -> None:
    np.savez(tmp_path / "a.npz", data=np.ones((2, 4, 4)), scan=np.eye(2))
    (tmp_path / "a.npz").rename(tmp_path / name)
    assert open_scan(str(tmp_path / name)).metadata.format == "tike .npz"


def test_what_is_wrong_inside_is_said_with_the_files_name(tmp_path: Path) -> None:
    far = np.array([0.0, 1e9])
    np.savez(
        tmp_path / "a.npz", diff3d=np.ones((2, 4, 4)), xcoords=far, ycoords=far, ptygui_name="demo lines"
    )
    with pytest.raises(ScanError, match=r"^a\.npz: The probe positions of demo lines span"):
        open_scan(tmp_path / "a.npz")


def test_a_probe_of_zeros_is_left_out_and_told(tmp_path: Path) -> None:
    arrays = {"data": np.ones((2, 4, 4)), "scan": np.eye(2) * 3}
    np.savez(tmp_path / "a.npz", **arrays, probe=np.zeros((1, 4, 4), np.complex64))
    scan = open_scan(tmp_path / "a.npz")
    assert scan.probe is None
    assert any("zero everywhere" in note for note in scan.metadata.notes)
    np.savez(tmp_path / "b.npz", **arrays, probe=np.eye(4, dtype=np.complex64))
    assert open_scan(tmp_path / "b.npz").probe is not None


@pytest.mark.parametrize(
    "positions", [[[0, 0], [1e9, 0]], [[1e300, 0], [1e300, 1]], [[-1e308, 0], [1e308, 0]]]
)
def test_positions_that_no_canvas_could_hold(tmp_path: Path, positions: list[list[float]]) -> None:
    np.savez(tmp_path / "a.npz", data=np.ones((2, 4, 4)), scan=np.array(positions))
    with pytest.raises(ScanError, match="unit or the pixel size must be wrong"):
        open_scan(tmp_path / "a.npz")


def test_a_sentence_names_its_file_once() -> None:
    with pytest.raises(ScanError, match="^letter has no frames"), registry.naming("letter.h5"):
        raise ScanError("letter has no frames.")
    with pytest.raises(ScanError, match="^letter.h5: No frames"), registry.naming("letter.h5"):
        raise ScanError("No frames.")
