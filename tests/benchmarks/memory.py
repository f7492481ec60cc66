"""Peak memory of a reconstruction by the number of patterns: it must not grow with them.

python tests/benchmarks/memory.py [PATTERNS ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import material

from ptygui.jobs.api import ReconstructRequest, Session, open_scan

SIZE = 128
SMALL = {"width": 4, "levels": 2}
"""A tiny network: what is measured is everything around it."""


def reconstruct(scan: Path, bundle: Path) -> None:
    """Reconstruct in this process and print its peak memory in MB."""
    before = _peak_mb()
    for _ in Session().reconstruct(ReconstructRequest(open_scan(scan), bundle, polish_steps=0)):
        pass
    print(f"{before:.0f} {_peak_mb():.0f}")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(counts: list[int]) -> None:
    """Measure each number of patterns in a process of its own."""
    print(f"{'patterns':>9} {'file MB':>8} {'imported MB':>12} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = material.untrained_bundle(folder, "cnn", SIZE, **SMALL)
        for count in counts:
            scan = material.long_scan(folder, count, SIZE)
            command = [sys.executable, __file__, "--one", str(scan), str(bundle)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            file_mb = scan.stat().st_size / 2**20
            print(f"{count:>9} {file_mb:>8.0f} {printed[0]:>12} {printed[1]:>8}", flush=True)
            scan.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        reconstruct(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main([int(text) for text in sys.argv[1:]] or [1_000, 50_000])
