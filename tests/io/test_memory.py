"""Peak memory does not grow with the number of patterns: measured in a process of its own."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import h5py
import numpy as np
import pytest

SIDE = 128
MEASURE = """
import json, resource, sys
import numpy as np
from ptygui.io.registry import open_scan
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
scan = open_scan(sys.argv[1])
order = np.random.default_rng(0).permutation(len(scan))[: 60 * 32].reshape(-1, 32)
peaks = []
for indices in order:
    scan.batch(np.sort(indices))
    peaks.append(peak())
print(json.dumps({"patterns": len(scan), "first": peaks[4], "last": peaks[-1], "batches": len(peaks)}))
"""


def sparse_npz(path: Path, n: int) -> None:
    """Write a tike scan whose stored patterns are a hole in the file, so that 3 GB cost no disk."""
    descr = {"descr": "<f4", "fortran_order": False, "shape": (n, SIDE, SIDE)}
    with path.open("wb") as file:
        info = zipfile.ZipInfo("data.npy")
        info.CRC = 0
        start = len(info.FileHeader(zip64=True))
        file.seek(start)
        np.lib.format.write_array_header_1_0(cast("BinaryIO", file), descr)
        end = file.tell() + n * SIDE * SIDE * 4
        info.file_size = info.compress_size = end - start
        file.seek(0)
        file.write(info.FileHeader(zip64=True))
        file.seek(end)
        with zipfile.ZipFile(file, "w") as archive:
            with archive.open("scan.npy", "w") as member:
                np.lib.format.write_array(member, np.arange(2 * n, dtype=np.float32).reshape(n, 2))
            info.header_offset = 0
            archive.filelist.append(info)


def sparse_pair(path: Path, n: int) -> None:
    with h5py.File(path, "w") as file:
        patterns = file.create_dataset("dp", (n, SIDE, SIDE), np.float32, chunks=(1, SIDE, SIDE))
        patterns[0] = 1
        file["probe_position_x_m"] = file["probe_position_y_m"] = np.zeros(n)
        file["object"] = np.ones((1, 8, 8), np.complex64)
        file["object"].attrs["pixel_height_m"] = file["object"].attrs["pixel_width_m"] = 1e-8


def measure(path: Path) -> dict[str, int]:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    return cast("dict[str, int]", json.loads(run.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux' peak memory")
@pytest.mark.parametrize(("write", "name"), [(sparse_npz, "a.npz"), (sparse_pair, "a_dp.hdf5")])
def test_peak_memory_is_flat(tmp_path: Path, write: object, name: str) -> None:
    """50,000 patterns (3.3 GB) against 2,000; a memory map would show as hundreds of MB."""
    peaks = {}
    for n in (2_000, 50_000):
        write(tmp_path / name, n)  # type: ignore[operator]
        found = measure(tmp_path / name)
        assert found["patterns"] == n
        assert found["batches"] >= 50
        assert found["last"] - found["first"] <= 16, found
        peaks[n] = found["last"]
    assert peaks[50_000] - peaks[2_000] <= 32, peaks
