"""How long a scan takes to open, by format; it must not take 3 s for 50,000 patterns of 256 x 256.

python tests/benchmarks/opening.py [PATTERNS] [SIDE]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parent.parent / "io"))

from ptygui.core.errors import IncompleteScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import Reading
from ptygui.io.registry import list_readers
from ptygui.jobs.api import open_raw, prepare

TOLD = Reading(energy_ev=12_398.4, distance_m=1.92, detector_pixel_m=(75e-6, 75e-6))


def open_once(path: Path) -> None:
    """Open a scan in this process; print seconds of wall and processor, and peak memory."""
    list_readers()  # their imports, which the window has done long before
    before = _peak_mb()
    wall, processor = time.perf_counter(), time.process_time()
    raw = open_raw(path)
    opened = time.perf_counter() - wall
    try:
        scan = prepare(raw, Preparation())
    except IncompleteScanError:
        scan = prepare(raw, Preparation(reading=TOLD))
    scan.batch(np.arange(32))
    print(
        f"{len(scan):>9,} {opened:>9.2f} {time.perf_counter() - wall:>9.2f} "
        f"{time.process_time() - processor:>9.2f} {_peak_mb() - before:>9.0f}"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(patterns: int, side: int) -> None:
    """Open each format in a process of its own."""
    from long_scans import FORMATS

    print(f"{'format':>8} {'patterns':>9} {'opened s':>9} {'ready s':>9} {'CPU s':>9} {'memory MB':>9}")
    for name, write in FORMATS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder), patterns, side)
            command = [sys.executable, __file__, "--one", str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()
            print(f"{name:>8} {told}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        open_once(Path(sys.argv[2]))
    else:
        counts = [int(text) for text in sys.argv[1:]]
        main(*(counts + [50_000, 256][len(counts) :]))
