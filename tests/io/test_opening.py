"""Opening a long scan costs what a short one costs: a few patterns are looked at, none are kept."""

import tracemalloc
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from long_scans import FORMATS, distance_m

from ptygui.core.find import SAMPLES
from ptygui.core.preparation import Preparation
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource
from ptygui.io.registry import open_raw, prepare

N, SIDE = 20_000, 64
MOST_MB = 24
"""All patterns together have 330 MB; positions in text are the largest part of what is needed."""


@dataclass(frozen=True)
class Counting:
    """Counts the patterns that are read."""

    source: PatternSource
    counts: list[int] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.source.shape

    def read(self, indices: np.ndarray) -> np.ndarray:
        self.counts.append(len(indices))
        return self.source.read(indices)


@pytest.mark.parametrize("name", FORMATS)
def test_opening_looks_at_a_few_patterns(tmp_path: Path, name: str) -> None:
    path = FORMATS[name](tmp_path, N, SIDE)
    told = Reading(energy_ev=12_398.4, distance_m=distance_m(SIDE), detector_pixel_m=(75e-6, 75e-6))
    tracemalloc.start()
    try:
        raw = open_raw(path)
        frames = Counting(raw.frames)
        preparation = Preparation(reading=told) if name == "mapped" else Preparation()
        scan = prepare(replace(raw, frames=frames), preparation)
        peak_mb = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert len(scan) == N
    assert sum(frames.counts) <= SAMPLES
    assert peak_mb < MOST_MB, peak_mb
    assert np.ptp(scan.positions_px, axis=0).max() > 400
