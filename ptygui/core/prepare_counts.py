"""Steps that change counts: dark, flat, and the monitor of the incoming beam."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.preparation import DivideFlat, DivideMonitor, SubtractDark
from ptygui.core.prepare_base import Done, Tools, also_bad, counted, fitting, some, through
from ptygui.core.preprocess import ScaledPatterns
from ptygui.core.scan import Scan


def subtract_dark(step: SubtractDark, scan: Scan, tools: Tools) -> Done:
    """Subtract what the detector counts without beam; where that is no number the pixel is bad."""
    dark = _image(step, scan.dark, scan, tools, "a dark")
    valid = np.isfinite(dark)
    marked, _ = also_bad(scan, ~valid)
    subtract = partial(_subtracted, dark=np.where(valid, dark, 0).astype(np.float32))
    mean = float(dark[valid].mean())
    return Done(
        replace(marked, patterns=through(scan, subtract)),
        f"A dark of {mean:.4g} counts in the mean pixel subtracted.",
    )


def divide_flat(step: DivideFlat, scan: Scan, tools: Tools) -> Done:
    """Divide by the pixels' efficiency relative to the median one, so that counts stay counts."""
    flat = _image(step, scan.flat, scan, tools, "a flat")
    valid = np.isfinite(flat) & (flat > 0)
    if not valid.any():
        raise ScanError("The flat has no pixel above 0: choose another file.")
    marked, count = also_bad(scan, ~valid)
    relative = np.where(valid, flat, 1) / np.median(flat[valid])
    divide = partial(_divided, flat=np.where(valid, relative, 1).astype(np.float32))
    more = f"; {counted(count, 'pixel')} without a value marked bad" if count else ""
    low, high = relative[valid].min(), relative[valid].max()
    return Done(
        replace(marked, patterns=through(scan, divide)),
        f"A flat between {low:.3g} and {high:.3g} of its median divided out{more}.",
    )


def divide_monitor(_step: DivideMonitor, scan: Scan, _tools: Tools) -> Done:
    """Divide each pattern by its incoming intensity over the median one."""
    if scan.monitor is None:
        raise ScanError(
            f"{scan.metadata.name} does not tell the incoming intensity (a monitor): leave the step out."
        )
    if len(scan.monitor) != len(scan):
        raise ScanError(
            f"{scan.metadata.name} has {len(scan.monitor):,} readings of the monitor for {len(scan):,} "
            "patterns: leave the step out."
        )
    valid = np.isfinite(scan.monitor) & (scan.monitor > 0)
    if not valid.any():
        raise ScanError("No reading of the monitor is above 0: leave the step out.")
    divisors = np.where(valid, scan.monitor, 1) / np.median(scan.monitor[valid])
    divisors[~valid] = 1
    left = np.flatnonzero(~valid).astype(np.intp)
    more = f"; as they are, for want of a reading: {some(left)}" if len(left) else ""
    spread = f"{divisors[valid].min():.3g} to {divisors[valid].max():.3g}"
    return Done(
        replace(scan, patterns=ScaledPatterns(scan.patterns, divisors)),
        f"Patterns divided by their incoming intensity, {spread} of the median{more}.",
    )


def _image(
    step: SubtractDark | DivideFlat, own: NDArray[np.float32] | None, scan: Scan, tools: Tools, what: str
) -> NDArray[np.float64]:
    """Return the image (H, W) of the step's file, or the scan's own."""
    if step.path is not None:
        found: NDArray[Any] = tools.load.array(step.path, step.key, what)
        return fitting(found, scan, step.path, what).astype(np.float64)
    if own is None:
        raise ScanError(f"{scan.metadata.name} carries no {what[2:]}: choose a file, or leave the step out.")
    return own.astype(np.float64)


def _subtracted(stack: NDArray[np.float32], dark: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.maximum(stack - dark, 0), np.float32)


def _divided(stack: NDArray[np.float32], flat: NDArray[np.float32]) -> NDArray[np.float32]:
    return stack / flat
