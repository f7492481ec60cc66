"""Peak memory does not grow with the number of patterns: measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from long_scans import FORMATS

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


def measure(path: Path) -> dict[str, int]:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    return cast("dict[str, int]", json.loads(run.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="uses Linux' peak memory")
@pytest.mark.parametrize("name", ["npz", "pair"])
def test_peak_memory_is_flat(tmp_path: Path, name: str) -> None:
    """50,000 patterns (1.6 GB) against 2,000; a memory map would show as hundreds of MB."""
    peaks = {}
    for n in (2_000, 50_000):
        found = measure(FORMATS[name](tmp_path, n, SIDE))
        assert found["patterns"] == n
        assert found["batches"] >= 50
        assert found["last"] - found["first"] <= 16, found
        peaks[n] = found["last"]
    assert peaks[50_000] - peaks[2_000] <= 32, peaks
