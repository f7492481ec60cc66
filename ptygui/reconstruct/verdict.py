"""What a residual is worth: against that of the flat object, which knows nothing of the sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Notice
from ptygui.core.evidence import Residual
from ptygui.core.fourier import detector_intensity
from ptygui.core.scan import Scan, spread_indices

PATTERNS = 64
"""Patterns, spread over the scan, on which the flat object is judged."""
BARELY_BETTER = 0.95

FOREIGN = (
    "The generator was trained on other objects. What it draws looks like them where the data leave it free: "
    "judge the phase over long distances with care, whatever the residual, or train on this scan."
)


def flat_residual(scan: Scan, probe: NDArray[np.complex64]) -> Residual:
    """Return R1 and R2 of the flat object 1 under a scaled probe (modes, H, W), bad pixels left out.

    Raises
    ------
    ScanError
        If patterns cannot be read.
    """
    good = np.ones(scan.pattern_shape, bool) if scan.bad_pixels is None else ~scan.bad_pixels
    patterns = scan.patterns.read(spread_indices(len(scan), PATTERNS))[:, good].astype(np.float64)
    intensity = np.maximum(np.nan_to_num(patterns), 0)
    measured, computed = np.sqrt(intensity), np.sqrt(detector_intensity(probe)[good])
    difference = measured - computed
    return Residual(
        r1=float(np.abs(difference).sum() / measured.sum()),
        r2=float(np.sqrt(np.square(difference).sum() / intensity.sum())),
    )


def verdict(raw: Residual, flat: Residual) -> Notice:
    """Say how much more the network's picture explains than no picture at all."""
    figures = f"R1 {raw.r1:.3f}, a flat object {flat.r1:.3f}"
    if raw.r1 < BARELY_BETTER * flat.r1:
        return Notice(f"The network's picture explains the patterns better than none ({figures}).")
    return Notice(
        f"The network's picture explains the patterns no better than none ({figures}): this generator does "
        "not suit this scan. Train one on it: ptygui train --scan FILE.",
        "warning",
    )
