"""The number of polish steps follows the noise of the patterns."""

from __future__ import annotations

import numpy as np
import pytest

from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata
from ptygui.reconstruct.noise import CLEAN_STEPS, choose_polish


def _scan_and_probe(counts: float, *, whole: bool = True) -> tuple[Scan, np.ndarray]:
    patterns = np.full((5, 8, 8), np.rint(counts) if whole else counts + 0.3)
    positions = np.column_stack([np.zeros(5), np.arange(5.0)])
    scan = Scan(ArrayPatterns(patterns), ProbePositions(positions, "px"), ScanMetadata("flat"))
    return scan, np.full((1, 8, 8), np.sqrt(counts), np.complex64)


@pytest.mark.parametrize(("counts", "steps"), [(7, 0), (24, 1), (73, CLEAN_STEPS), (244, CLEAN_STEPS)])
def test_steps_by_counts_a_pixel(counts: float, steps: int) -> None:
    choice = choose_polish(*_scan_and_probe(counts))
    assert choice.steps == steps
    assert f"{counts}" in choice.why


def test_scaled_patterns_get_one_cautious_step() -> None:
    choice = choose_polish(*_scan_and_probe(1000.0, whole=False))
    assert choice.steps == 1
    assert "no whole counts" in choice.why
