"""Damaged files: a ScanError in one sentence or a scan that can be read; nothing else, whatever the bytes."""

import bz2
import random
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_scan

N, H, W = 5, 8, 6
FILES_PER_KIND = 100


def tike(folder: Path) -> Path:
    arrays = {
        "data": np.ones((1, N, H, W), np.float32),
        "scan": np.arange(2.0 * N).reshape(1, N, 2),
        "probe": np.ones((H, W), "c8"),
    }
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def tike_bz2(folder: Path) -> Path:
    packed = bz2.compress(tike(folder).read_bytes())
    (folder / "a.npz.bz2").write_bytes(packed)
    return folder / "a.npz.bz2"


def ptychopinn(folder: Path) -> Path:
    arrays = {
        "diff3d": np.ones((N, H, W)),
        "xcoords": np.arange(N),
        "ycoords": np.arange(N),
        "_metadata": "{}",
    }
    np.savez_compressed(
        folder / "a.npz", **arrays, probeGuess=np.ones((H, W), "c8"), objectGuess=np.eye(9, dtype="c8")
    )
    return folder / "a.npz"


def pair(folder: Path) -> tuple[Path, Path]:
    with h5py.File(folder / "a_dp.h5", "w") as file:
        file.create_dataset("dp", data=np.ones((N, H, W), np.uint16), chunks=(2, H, W), compression="gzip")
    with h5py.File(folder / "a_para.h5", "w") as file:
        file["probe_position_x_m"] = file["probe_position_y_m"] = np.arange(N) * 1e-8
        file["probe"], file["object"] = np.ones((1, H, W), "c8"), np.eye(9, dtype="c8")
        file["object"].attrs["pixel_height_m"] = file["object"].attrs["pixel_width_m"] = 1e-8
    return folder / "a_dp.h5", folder / "a_para.h5"


KINDS: list[Callable[[Path], Path]] = [
    tike, tike_bz2, ptychopinn, lambda folder: pair(folder)[0], lambda folder: pair(folder)[1],
]  # fmt: skip


def mutated(good: bytes, rng: random.Random) -> bytes:
    """Cut the file, or change some bytes, more often near its start, where headers are."""
    if rng.random() < 0.15:
        return good[: rng.randrange(1, len(good))]
    bytes_ = bytearray(good)
    for _ in range(rng.choice([1, 1, 3, 10])):
        reach = len(good) if rng.random() < 0.5 else min(len(good), 2500)
        bytes_[rng.randrange(reach)] = rng.choice([0, 255, rng.randrange(256), *b"-9('"])
    return bytes(bytes_)


@pytest.mark.parametrize("kind", KINDS, ids=["tike", "tike bz2", "PtychoPINN", "dp", "para"])
def test_any_bytes(tmp_path: Path, kind: Callable[[Path], Path]) -> None:
    path = kind(tmp_path)
    good, rng = path.read_bytes(), random.Random(20261123)
    complaints = []
    for _ in range(FILES_PER_KIND):
        path.write_bytes(mutated(good, rng))
        complaints.append(complaint(path))
    assert all(text.rstrip(".").count(". ") == 0 for text in complaints)
    refused = sum(map(bool, complaints))
    assert refused > FILES_PER_KIND // 10  # the mutations do hit something


def complaint(path: Path) -> str:
    """Open and read a scan; returns the text of the ScanError, if there is one."""
    try:
        for batch in open_scan(path).batches(3):
            assert batch.patterns.dtype == np.float32
    except ScanError as error:
        return str(error)
    return ""
