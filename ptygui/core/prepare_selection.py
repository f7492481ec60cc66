"""Steps that leave patterns out, with their positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import to_metres, to_pixels
from ptygui.core.preparation import DropOutliers, DropPatterns, Lasso
from ptygui.core.prepare_base import Done, Tools, bad_pixels, counted, pixel_size, portions, some
from ptygui.core.preprocess import frame_numbers
from ptygui.core.scan import PatternSource, ProbePositions, Scan, SelectedPatterns

LEAST_SPREAD = 0.01
"""Totals that differ by less than this much are alike, however steady the others are."""


def drop_patterns(step: DropPatterns, scan: Scan, _tools: Tools) -> Done:
    """Leave out patterns by their number."""
    numbers = np.unique(np.asarray(step.indices, np.intp))
    if len(numbers) and numbers[-1] >= len(scan):
        raise ScanError(
            f"Pattern {numbers[-1]} cannot be left out: at this step there are "
            f"{counted(len(scan), 'pattern')}, 0 to {len(scan) - 1}."
        )
    keep = np.ones(len(scan), np.bool_)
    keep[numbers] = False
    return _kept(scan, keep, "")


def lasso(step: Lasso, scan: Scan, _tools: Tools) -> Done:
    """Keep, or leave out, the patterns inside a polygon."""
    if len(step.polygon) < 3:
        raise ScanError("A lasso needs at least three corners: draw it again.")
    inside = inside_polygon(scan.positions.values, _polygon(step, scan))
    keep = inside if step.keep else ~inside
    return _kept(scan, keep, f" {'outside' if step.keep else 'inside'} the lasso")


def drop_outliers(step: DropOutliers, scan: Scan, tools: Tools) -> Done:
    """Leave out patterns whose total is far from the others'; reads all of them, bad pixels left out."""
    totals = total_counts(scan, tools)
    return _kept(scan, ~outliers(totals, step.sigmas), " with a total count far from the others'")


def total_counts(scan: Scan, tools: Tools) -> NDArray[np.float64]:
    """Return the sum of the good pixels of each pattern, (n,); what is no number counts 0."""
    good = ~bad_pixels(scan)
    totals = np.zeros(len(scan))
    for part, counts in portions(scan, np.arange(len(scan)), tools.report):
        totals[part] = np.sum(counts, axis=(1, 2), where=good & np.isfinite(counts), dtype=np.float64)
    return totals


def outliers(totals: NDArray[np.float64], sigmas: float) -> NDArray[np.bool_]:
    """Tell which totals (n,) are none, or more than `sigmas` robust deviations off in their logarithm."""
    lit = totals > 0
    if not lit.any():
        return ~lit
    logs = np.log(totals, where=lit, out=np.zeros(len(totals)))
    off = np.abs(logs - np.median(logs[lit]))
    spread = max(1.4826 * float(np.median(off[lit])), LEAST_SPREAD)
    return np.asarray(~lit | (off > sigmas * spread))


def inside_polygon(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points (n, 2) lie inside a polygon (m, 2), by the even-odd rule; both (y, x)."""
    inside = np.zeros(len(points), np.bool_)
    y, x = points.T
    with np.errstate(divide="ignore", invalid="ignore"):  # level edges are never crossed
        for (y1, x1), (y2, x2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            crossing = x1 + (y - y1) / (y2 - y1) * (x2 - x1)
            inside ^= ((y1 > y) != (y2 > y)) & (x < crossing)
    return inside


def _polygon(step: Lasso, scan: Scan) -> NDArray[np.float64]:
    """Return the polygon (m, 2) in the unit of the scan's positions."""
    drawn, metadata = np.asarray(step.polygon, np.float64), scan.metadata
    if step.unit in (None, scan.positions.unit):
        return drawn
    if step.unit == "frame px":
        pixels = drawn / np.asarray(metadata.pixel_ratio)
        return pixels if scan.positions.unit == "px" else to_metres(pixels, pixel_size(scan, "this lasso"))
    return to_pixels(drawn, pixel_size(scan, "a lasso that was drawn in metres"))


def _kept(scan: Scan, keep: NDArray[np.bool_], which: str) -> Done:
    """Return the scan with the patterns that are kept."""
    gone = np.flatnonzero(~keep).astype(np.intp)
    if len(gone) == 0:
        return Done(scan, f"No pattern left out{which and ': there is none' + which}.")
    if len(gone) == len(scan):
        raise ScanError(f"All {len(scan):,} patterns would be left out{which}: none is left.")
    selection = np.flatnonzero(keep).astype(np.intp)
    smaller = replace(
        scan,
        patterns=_selected(scan.patterns, selection),
        positions=ProbePositions(scan.positions.values[selection], scan.positions.unit),
        monitor=None if scan.monitor is None or len(scan.monitor) != len(scan) else scan.monitor[selection],
    )
    return Done(smaller, f"{len(gone):,} of {len(scan):,} patterns left out{which}: {_numbers(scan, gone)}.")


def _selected(source: PatternSource, selection: NDArray[np.intp]) -> SelectedPatterns:
    if isinstance(source, SelectedPatterns):
        return SelectedPatterns(source.source, source.selection[selection])
    return SelectedPatterns(source, selection)


def _numbers(scan: Scan, gone: NDArray[np.intp]) -> str:
    """Write the patterns' numbers, and those of their frames in the file where they differ."""
    frames = frame_numbers(scan.patterns)[gone]
    return some(gone) if np.array_equal(frames, gone) else f"{some(gone)} (frames {some(frames)} of the file)"
