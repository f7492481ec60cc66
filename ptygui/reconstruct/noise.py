"""How far polishing pays: averaged projections sharpen clean data, and bring noise into poor ones.

Measured on one simulated object and one generator (tests/benchmarks/polish.py): at 7 counts a pixel
every step makes the object worse, at 24 one step is best, from 73 on it gets better up to five.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import has_whole_counts
from ptygui.core.scan import Scan

TOO_NOISY_COUNTS = 15.0
CLEAN_COUNTS = 50.0
CLEAN_STEPS = 5


@dataclass(frozen=True)
class PolishChoice:
    """How many steps, and why in one sentence."""

    steps: int
    why: str


def choose_polish(scan: Scan, probe: NDArray[np.complex64]) -> PolishChoice:
    """Choose the number of polish steps by the noise of the patterns.

    Parameters
    ----------
    scan : Scan
    probe : (modes, H, W) complex64, scaled so that the flat object explains the mean pattern
    """
    if not has_whole_counts(scan):
        return PolishChoice(
            1, "The patterns are no whole counts, so their noise is not known: 1 polish step."
        )
    counts = float(np.sum(np.abs(probe) ** 2) / (probe.shape[1] * probe.shape[2]))
    return PolishChoice(*_by_counts(counts))


def _by_counts(counts: float) -> tuple[int, str]:
    if counts < TOO_NOISY_COUNTS:
        return 0, f"Only {counts:.2g} counts a pixel: too noisy to polish."
    if counts < CLEAN_COUNTS:
        return 1, f"{counts:.0f} counts a pixel, which is noisy: 1 polish step."
    return CLEAN_STEPS, f"{counts:.3g} counts a pixel, which is clean: {CLEAN_STEPS} polish steps."
