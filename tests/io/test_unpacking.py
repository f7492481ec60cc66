"""Compressed files are unpacked once: that is reported, can be cancelled and leaves nothing behind."""

import bz2
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import Cancelled
from ptygui.io import archive, frames_last
from ptygui.io.registry import open_scan
from ptygui.jobs import api

N = 400
COUNTS = np.random.default_rng(0).poisson(3.0, (N, 64, 64)).astype(np.float32)


def tike_bz2(folder: Path) -> Path:
    np.savez(folder / "a.npz", data=COUNTS, scan=np.arange(2 * N).reshape(N, 2))
    (folder / "a.npz.bz2").write_bytes(bz2.compress((folder / "a.npz").read_bytes()))
    (folder / "a.npz").unlink()
    return folder / "a.npz.bz2"


def tike_deflated(folder: Path) -> Path:
    np.savez_compressed(folder / "a.npz", data=COUNTS, scan=np.arange(2 * N).reshape(N, 2))
    return folder / "a.npz"


def frames_at_the_end(folder: Path) -> Path:
    coordinates = np.arange(float(N))
    np.savez(folder / "a.npz", diff3d=np.moveaxis(COUNTS, 0, 2), xcoords=coordinates, ycoords=coordinates)
    return folder / "a.npz"


@pytest.fixture(params=[tike_bz2, tike_deflated, frames_at_the_end])
def packed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that must be unpacked, in small pieces, into a folder of this test."""
    monkeypatch.setattr(archive, "CHUNK_BYTES", 1 << 14)
    monkeypatch.setattr(frames_last, "SLAB_BYTES", 1 << 18)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    write: Callable[[Path], Path] = request.param
    return write(tmp_path)


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_it_is_told_how_far_it_is_from_little_to_all(packed: Path) -> None:
    shares: list[float] = []
    scan = api.open_scan(packed, shares.append)
    assert len(shares) > 10
    assert all(0 < share <= 1 for share in shares)
    assert shares[0] < 0.2
    assert shares[-1] == 1
    back = [i for i in range(1, len(shares)) if shares[i] < shares[i - 1]]
    assert all(shares[i - 1] == 1 for i in back)  # it starts again only when a step is whole
    np.testing.assert_array_equal(scan.patterns.read(np.arange(N)).sum(), COUNTS.sum())


def test_it_is_cancelled_at_once_and_nothing_is_left(packed: Path) -> None:
    told: list[float] = []

    def cancel(share: float) -> None:
        told.append(share)
        if len(told) == 3:
            raise Cancelled

    before = open_files()
    with pytest.raises(Cancelled):
        open_scan(packed, cancel)
    assert len(told) == 3
    assert open_files() == before
    assert list((packed.parent / "tmp").iterdir()) == []
