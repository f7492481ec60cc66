"""Patterns a second of the network alone and end to end (read, prepare, infer, place): medians, in turns.

python tests/benchmarks/throughput.py [DEVICE]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import material
import numpy as np
import torch

from ptygui.core.events import Finished
from ptygui.core.scan import Scan
from ptygui.generators.bundle import load_bundle
from ptygui.jobs.api import ReconstructRequest, Session, open_scan
from ptygui.reconstruct.network import Network
from ptygui.reconstruct.plan import BundleFacts, Choices, plan

REPEATS = 3
CASES = [("stable_hybrid", 64, 1000), ("cnn", 64, 1000), ("stable_hybrid", 128, 400)]


def network_alone(scan: Scan, bundle_path: Path, device: str) -> Callable[[], float]:
    """Return what measures the seconds for all patterns, which are in memory already."""
    bundle = load_bundle(bundle_path, device)
    planned = plan(scan, BundleFacts(bundle_path, "", bundle.card, bundle.probe), Choices(device))
    network = Network.planned(bundle.generator, planned)
    batches = list(scan.batches(planned.recipe.batch_size))

    def measure() -> float:
        start = time.perf_counter()
        for batch in batches:
            network(batch)
        return time.perf_counter() - start

    return measure


def end_to_end(session: Session, request: ReconstructRequest) -> float:
    """Seconds of the fold, as the result itself states them."""
    *_, last = session.reconstruct(request)
    assert isinstance(last, Finished)
    return last.result.stages[0].seconds


def main(device: str) -> None:
    """Measure every case and print a table."""
    torch.set_flush_denormal(True)
    print(f"{'generator':>14} {'N':>4} {'patterns':>8} {'alone/s':>9} {'end to end/s':>13} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for architecture, size, patterns in CASES:
            bundle = material.untrained_bundle(Path(folder), architecture, size)
            scan = open_scan(material.lines_file(Path(folder), size, patterns))
            session, request = Session(), ReconstructRequest(scan, bundle, device, polish_steps=0)
            alone = network_alone(scan, bundle, device)
            runs = [(alone(), end_to_end(session, request)) for _ in range(REPEATS + 1)][1:]
            alone_s, whole_s = np.median(runs, axis=0)
            rates = len(scan) / alone_s, len(scan) / whole_s
            print(
                f"{architecture:>14} {size:>4} {len(scan):>8} {rates[0]:>9.0f} {rates[1]:>13.0f} "
                f"{rates[1] / rates[0]:>6.2f}",
                flush=True,
            )
            (Path(folder) / f"lines{size}.npz").unlink()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "cpu")
