"""Plain facts of a scan, for the window's scan card and `ptygui info`; and the mark by which it is known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ptygui.core.enough import too_little
from ptygui.core.probe import effective_diameter_px
from ptygui.core.scan import Guess, PositionUnit, Scan, spread_indices

SAMPLE = 64
"""How many patterns are looked at, spread over the scan: enough for a mean, quick for any scan."""
PORTION = 16
"""How many of them are in memory at once."""
ROUNDING = 5e-7
"""Relative error of a float32 that was squared."""


@dataclass(frozen=True)
class ScanFacts:
    """What a scientist wants to see of a scan before anything is computed; None means unknown."""

    name: str
    format: str
    path: str | None
    patterns: int
    pattern_shape: tuple[int, int]
    """(H, W) in detector pixels."""
    bytes_in_memory: int
    """Size of all patterns as float32, if they were read at once."""
    photons_per_pattern: float | None
    """Mean total count of up to `SAMPLE` patterns, bad pixels left out; None if they are no whole counts."""
    positions_unit: PositionUnit
    step_px: float | None
    """Median distance to the nearest other position, in object pixels."""
    step_m: float | None
    extent_px: tuple[float, float]
    """(y, x) that the positions span."""
    extent_m: tuple[float, float] | None
    overlap: float | None
    """Linear overlap of neighbouring probes, 0..1; None without a probe."""
    probe_modes: int
    """0 without a probe."""
    probe_diameter_px: float | None
    """Of the uniform disk as large as the probe."""
    bad_pixels: int
    pixel_size_m: tuple[float, float] | None
    """(y, x) of the object."""
    energy_ev: float | None
    distance_m: float | None
    has_reference: bool
    guesses: tuple[Guess, ...]
    notes: tuple[str, ...]
    too_little: tuple[str, ...]
    """Sentences on what there is too little of to reconstruct well."""


def scan_facts(scan: Scan) -> ScanFacts:
    """Gather a scan's facts; reads up to `SAMPLE` patterns.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    pixel, metadata = scan.metadata.pixel_size_m, scan.metadata
    extent = np.ptp(scan.positions_px, axis=0)
    return ScanFacts(
        name=metadata.name,
        format=metadata.format,
        path=metadata.path,
        patterns=len(scan),
        pattern_shape=scan.pattern_shape,
        bytes_in_memory=4 * int(np.prod(scan.patterns.shape, dtype=np.int64)),
        photons_per_pattern=mean_photons(scan) if has_whole_counts(scan) else None,
        positions_unit=scan.positions.unit,
        step_px=typical_step(scan.positions_px),
        step_m=pixel and typical_step(scan.positions_px * np.asarray(pixel)),
        extent_px=(float(extent[0]), float(extent[1])),
        extent_m=pixel and (float(extent[0] * pixel[0]), float(extent[1] * pixel[1])),
        overlap=typical_overlap(scan),
        probe_modes=0 if scan.probe is None else len(scan.probe),
        probe_diameter_px=None if scan.probe is None else effective_diameter_px(scan.probe),
        bad_pixels=0 if scan.bad_pixels is None else int(scan.bad_pixels.sum()),
        pixel_size_m=pixel,
        energy_ev=metadata.energy_ev,
        distance_m=metadata.distance_m,
        has_reference=scan.reference_object is not None,
        guesses=metadata.guesses,
        notes=metadata.notes,
        too_little=too_little(scan),
    )


def mean_photons(scan: Scan, at_most: int = SAMPLE) -> float:
    """Return the mean total count of up to `at_most` patterns spread over the scan, bad pixels left out.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    indices = spread_indices(len(scan), at_most)
    portions = np.array_split(indices, -(-len(indices) // PORTION))
    return sum(_total_counts(scan, portion) for portion in portions) / len(indices)


def has_whole_counts(scan: Scan) -> bool:
    """Tell from four patterns whether they are whole numbers, as counts are; else their unit is arbitrary.

    Counts that a file holds as float32 amplitudes are whole up to the rounding of their squares.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    sample = scan.patterns.read(spread_indices(len(scan), 4))
    good = _good_values(scan, sample)
    rest = np.abs(sample - np.rint(sample))[good]
    return bool((rest <= ROUNDING * np.abs(sample[good])).all())


def _total_counts(scan: Scan, indices: NDArray[np.intp]) -> float:
    """Sum what is finite in the good pixels of some patterns."""
    counts = scan.patterns.read(indices)
    return float(np.sum(counts, where=_good_values(scan, counts), dtype=np.float64))


def _good_values(scan: Scan, counts: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark what is finite in good pixels, (b, H, W)."""
    good = np.isfinite(counts)
    return good if scan.bad_pixels is None else good & ~scan.bad_pixels


def typical_step(positions: NDArray[np.float64]) -> float | None:
    """Return the median distance to the nearest other position, in their unit; None if there is only one."""
    if len(positions) < 2:
        return None
    distances = np.asarray(KDTree(positions).query(positions, k=2)[0], np.float64)
    return float(np.median(distances[:, 1]))


def typical_overlap(scan: Scan) -> float | None:
    """Return 1 - step / diameter of neighbouring probes, 0..1; None without a probe or a neighbour.

    The linear overlap that ptychography quotes, with the probe taken as the uniform disk as large as it.
    """
    step = typical_step(scan.positions_px)
    diameter = 0.0 if scan.probe is None else effective_diameter_px(scan.probe)
    return None if step is None or diameter == 0 else max(0.0, 1 - step / diameter)


def scan_fingerprint(scan: Scan) -> str:
    """Return 16 hexadecimal digits by which this very scan is known again.

    Made of the shape, the positions to a hundredth of an object pixel and the counts of four patterns:
    cheap, and the same on every machine. A scan read with another geometry is another one: its probe and
    its pixels do not fit.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    mark = hashlib.sha256(repr(scan.patterns.shape).encode())
    mark.update(np.rint(scan.positions_px * 100).astype("<i8").tobytes())
    for pattern in scan.patterns.read(spread_indices(len(scan), 4)):
        mark.update(f"{np.nansum(pattern, dtype=np.float64):.6e}".encode())
    return mark.hexdigest()[:16]
