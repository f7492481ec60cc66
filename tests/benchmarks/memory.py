"""Peak memory of a reconstruction by the number of patterns: it must not grow with them.

python tests/benchmarks/memory.py [--side PIXELS] [PATTERNS ...]

The scans are sparse (tests/io/long_scans.py): patterns that opening does not look at are holes in the file.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "io"))

import material
from long_scans import FORMATS

from ptygui.jobs.api import ReconstructRequest, Session, open_scan

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


def main() -> None:
    """Measure each number of patterns in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", type=int, nargs="*", default=[1_000, 50_000])
    parser.add_argument("--side", type=int, default=128)
    asked = parser.parse_args()
    print(f"{'patterns':>9} {'all MB':>8} {'imported MB':>12} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = material.untrained_bundle(folder, "cnn", asked.side, **SMALL)
        for count in asked.patterns:
            scan = FORMATS["pair"](folder, count, asked.side)
            command = [sys.executable, __file__, "--one", str(scan), str(bundle)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            all_mb = 2 * count * asked.side**2 / 2**20
            print(f"{count:>9} {all_mb:>8.0f} {printed[0]:>12} {printed[1]:>8}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        reconstruct(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
