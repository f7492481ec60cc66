"""Whether positions can be those of a scan: a wrong unit or a damaged file shows in their extent."""

from __future__ import annotations

import numpy as np

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.scan import Scan

MAX_EXTENT_PX = 100_000
"""Real scans span 10 to 100,000 object pixels; more means a wrong unit."""
MIN_EXTENT_PX = 1.0
"""No scan is smaller than a pixel: such positions are lengths, or no scan at all."""
MAX_OFFSET_PX = 1e9
"""Stages may stand far from zero, but not so far that pixels drown in rounding."""


def check_extent(scan: Scan) -> Scan:
    """Return the scan, unless its positions span more object pixels than any canvas could hold, or none.

    Raises
    ------
    IncompleteScanError
        If they are said to be pixels and all lie within one.
    ScanError
        If they span too much: a wrong unit, a wrong pixel size or a damaged file.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        positions_px = scan.positions_px
        span = np.ptp(positions_px, axis=0).max()
    if not (span <= MAX_EXTENT_PX and np.abs(positions_px).max() <= MAX_OFFSET_PX):
        raise ScanError(
            f"The probe positions of {scan.metadata.name} span {span:.3g} object pixels, more than "
            f"{MAX_EXTENT_PX:,}, or lie too far from the origin: their unit or the pixel size must be wrong."
        )
    if scan.positions.unit == "px" and len(scan) > 1 and span < MIN_EXTENT_PX:
        raise IncompleteScanError(
            f"The {len(scan):,} probe positions of {scan.metadata.name} must be object pixels but span only "
            f"{span:.2g} of them (are they metres?): tell their unit and the geometry.",
            ("position_unit", "energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m"),
        )
    return scan
