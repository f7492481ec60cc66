"""Damaged files: one sentence or what is valid; nothing else, whatever the bytes (see tests/fuzz)."""

import re
import struct
import sys
from pathlib import Path
from random import Random

import h5py
import numpy as np
import pytest
import scipy.io
import tifffile
from fuzz.damage import alterations, altered, with_other_bytes
from fuzz.look import look_at_scan
from fuzz.odd_npz import Payload
from fuzz.odd_tiff import directories, link_of
from fuzz.targets import Files, Target, targets, written
from samples import diamond_nexus, ptychodus_dp, ptylab

from ptygui.core.errors import ScanError
from ptygui.io import growing
from ptygui.io.matlab import open_mat
from ptygui.io.registry import open_raw
from ptygui.io.step_files import load_array

OTHER_BYTES = 20
"""Files with other bytes a sample; every alteration of its meaning comes once besides."""
MOST_MEMORY_MB = 300


@pytest.fixture(autouse=True)
def files_of_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody writes them, so that nothing is tried again."""
    monkeypatch.setattr(growing, "FRESH_S", -1.0)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_damaged_files(tmp_path: Path, target: Target) -> None:
    files, before = written(target, tmp_path), peak_mb()
    told = [target.look(files.path) for _ in damaged(files, Random(target.name))]
    assert any(told) or "position" in target.name  # damage is noticed
    assert not Payload.folder.exists()
    assert peak_mb() - before < MOST_MEMORY_MB


# What was found by longer searches.


@pytest.mark.parametrize("back_to", [0, 110])
def test_pages_in_a_circle_longer_than_tifffile_notices(tmp_path: Path, back_to: int) -> None:
    """It gave up to look for circles at the 100th page, and followed this one until memory was used up."""
    path = tmp_path / "frames.tif"
    with tifffile.TiffWriter(path) as file:
        for number in range(120):
            file.write(np.full((4, 4), number, "u2"), contiguous=False)
    content = bytearray(path.read_bytes())
    places = directories(content)
    struct.pack_into("<I", content, link_of(content, places[-1]), places[back_to])
    path.write_bytes(content)
    for read in (open_raw, lambda path: load_array(path, "", "a mask")):
        with pytest.raises(ScanError, match=r"frames.tif is damaged, for its pages lead in a circle: copy"):
            read(path)


def test_a_mask_that_declares_more_than_its_file_holds_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, np.ones((16, 8), "u1"))
    content = bytearray(path.read_bytes())
    for tag, value in ((257, 200_000_000), (278, 200_000_000), (279, 1_600_000_000)):
        place = content.index(struct.pack("<H", tag), directories(content)[0])
        struct.pack_into("<2HI", content, place, tag, 4, 1)
        struct.pack_into("<I", content, place + 8, value)
    path.write_bytes(content)
    with pytest.raises(ScanError, match="too large for a mask"):
        load_array(path, "", "a mask")
    struct.pack_into(
        "<I", content, content.index(struct.pack("<H", 257), directories(content)[0]) + 8, 1 << 26
    )
    path.write_bytes(content)
    with pytest.raises(ScanError, match=r"mask.tif declares the shape .*, more than the file holds: copy it"):
        load_array(path, "", "a mask")


def test_an_infinite_imaginary_part_of_matlab_is_infinite(tmp_path: Path) -> None:
    """Times 1j it was no number, and numpy warned of it."""
    path = tmp_path / "probe.mat"
    scipy.io.savemat(path, {"probe": np.array([[complex(1, np.inf), complex(-np.inf, 2)]])})
    with open_mat(path) as file:
        values = file.array("probe")
    np.testing.assert_array_equal(values.real, [[1, -np.inf]])
    np.testing.assert_array_equal(values.imag, [[np.inf, 2]])


def test_a_motor_at_infinity_is_told(tmp_path: Path) -> None:
    """Times the other component of its direction, 0, it was no number, and numpy warned of it."""
    path = diamond_nexus.write(tmp_path)
    with h5py.File(path, "a") as file:
        file["entry_1/data/x"][2] = np.inf
    assert re.search(r"i13.nxs.* position.* not finite", look_at_scan(path))


@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 40, 44)])
def test_an_object_in_a_product_that_is_no_image_is_left_out(tmp_path: Path, shape: tuple[int, ...]) -> None:
    """Its place was worked out before, which failed."""
    path = ptychodus_dp.write(tmp_path)
    with np.load(tmp_path / "product.npz") as stored:
        values = dict(stored)
    assert open_raw(path).reference_object is not None
    np.savez(tmp_path / "product.npz", **values | {"object": np.ones(shape, "c8")})
    assert open_raw(path).reference_object is None


@pytest.mark.skipif(
    np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="double is the longest here"
)
def test_positions_beyond_double_precision_are_told(tmp_path: Path) -> None:
    """HDF5 holds longer numbers, as which a damaged type is read; numpy warned of them."""
    path = ptylab.write(tmp_path)
    with h5py.File(path, "a") as file:
        encoder = file["encoder"][()].astype(np.longdouble)
        encoder[3, 0] = np.finfo(np.longdouble).max
        del file["encoder"]
        file["encoder"] = encoder
    assert re.search(r"simulation.hdf5.* not finite", look_at_scan(path))


def damaged(files: Files, rng: Random):  # type: ignore[no-untyped-def]
    """Damage the sample again and again; each alteration hits one of the files that can have it."""
    contents = list(files.contents.items())
    for _ in range(OTHER_BYTES):
        file, good = rng.choice(contents)
        files.put(file, with_other_bytes(good, rng))
        yield
    for kind in dict.fromkeys(kind for _, good in contents for kind in alterations(good)):
        file, good = rng.choice([(file, good) for file, good in contents if kind in alterations(good)])
        files.put(file, altered(good, kind, rng))
        yield


def peak_mb() -> float:
    """Return the most memory that the process ever had."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1 << 10 if sys.platform == "linux" else 1 << 20
    )
