"""What the Prepare tab shows of a scan: its mean pattern and mask, its positions, the numbers beside."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import ScanFacts, scan_facts
from ptygui.core.geometry import object_pixel_m
from ptygui.core.preparation import DropOutliers, DropPatterns, Lasso, Preparation
from ptygui.core.preprocess import frame_numbers
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan, spread_indices
from ptygui.jobs.api import prepare

SAMPLE_BYTES = 256 << 20
MOST_PATTERNS = 64
"""So many patterns, spread over the scan, make the mean pattern; fewer where they are large."""


@dataclass(frozen=True)
class Overview:
    """Pictures and numbers of a scan as its preparation leaves it."""

    mean: NDArray[np.float32]
    """(H, W) counts, of a sample, as the steps looked at leave it."""
    bad: NDArray[np.bool_]
    """(H, W), True = bad."""
    positions_px: NDArray[np.float64]
    """(n, 2) (y, x) of all patterns, those that were dropped among them."""
    kept: NDArray[np.bool_]
    """(n,)."""
    pixel_size_m: tuple[float, float] | None
    facts: ScanFacts
    """Of the scan after all steps."""
    peak: float
    """The highest count in the sample."""
    peak_pixels: int
    """How many pixels reach it."""
    pixel_disagreement: float | None
    """Relative difference of the stated object pixel and that of the geometry, if both are known."""


def overview(raw: RawScan, preparation: Preparation, scan: Scan, upto: int) -> Overview:
    """Gather it.

    Parameters
    ----------
    raw : RawScan
    preparation : Preparation
    scan : Scan
        What the preparation makes of it.
    upto : int
        The pattern is shown as so many steps leave it.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    shown = scan if upto == len(preparation.steps) else prepare(raw, _first(preparation, upto))
    mean, peak, reached = _mean(shown)
    positions, kept = _positions(raw, preparation, scan)
    return Overview(
        mean=mean,
        bad=np.zeros(mean.shape, np.bool_) if shown.bad_pixels is None else shown.bad_pixels,
        positions_px=positions,
        kept=kept,
        pixel_size_m=scan.metadata.pixel_size_m,
        facts=scan_facts(scan),
        peak=peak,
        peak_pixels=reached,
        pixel_disagreement=_disagreement(raw, scan),
    )


def _first(preparation: Preparation, upto: int) -> Preparation:
    return msgspec.structs.replace(preparation, steps=preparation.steps[:upto])


def _mean(scan: Scan) -> tuple[NDArray[np.float32], float, int]:
    """Return the mean pattern, the highest count of a good pixel, and how many pixels reach it."""
    height, width = scan.pattern_shape
    fit = max(1, min(MOST_PATTERNS, SAMPLE_BYTES // (4 * height * width)))
    total, highest = np.zeros((height, width)), np.zeros((height, width), np.float32)
    indices = spread_indices(len(scan), fit)
    for index in indices:
        pattern = np.nan_to_num(scan.patterns.read(np.array([index]))[0])
        total += pattern
        np.maximum(highest, pattern, out=highest)
    good = highest if scan.bad_pixels is None else np.where(scan.bad_pixels, 0, highest)
    peak = float(good.max())
    mean = np.asarray(total / len(indices), np.float32)
    return mean, peak, int((good == peak).sum()) if peak > 0 else 0


def _positions(
    raw: RawScan, preparation: Preparation, scan: Scan
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return where all patterns lie, and which are kept."""
    drops = (DropPatterns, Lasso, DropOutliers)
    rest = tuple(step for step in preparation.steps if not isinstance(step, drops))
    if rest == preparation.steps:
        return scan.positions_px, np.ones(len(scan), np.bool_)
    every = prepare(raw, msgspec.structs.replace(preparation, steps=rest))
    positions, kept = every.positions_px.copy(), np.zeros(len(every), np.bool_)
    which = frame_numbers(scan.patterns)
    kept[which] = True
    positions[which] = scan.positions_px  # a turn about the centre is about that of the kept ones
    return positions, kept


def _disagreement(raw: RawScan, scan: Scan) -> float | None:
    reading = scan.metadata.reading
    known = reading.energy_ev, reading.distance_m, reading.detector_pixel_m, reading.pixel_size_m
    energy, distance, pixel, stated = known
    if energy is None or distance is None or pixel is None or stated is None:
        return None
    computed = object_pixel_m(energy, distance, pixel, raw.frames.shape[1:])
    return max(abs(a / b - 1) for a, b in zip(stated, computed, strict=True))
