"""From what files hold to the canonical form of core.scan."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.scan import ObjectImage

MAX_ARRAY_BYTES = 1 << 30
"""Largest array that is read into memory whole; no probe, object or list of positions comes near it."""

MAX_FRAME_PIXELS = 1 << 26
"""8192 x 8192; the largest detectors have a third of it, and a frame is held in memory several times."""

MAX_FRAMES = 1 << 24
"""No scan has so many; lists with one entry for each must fit in memory."""


def check_stack_size(shape: tuple[int, int, int], label: str) -> None:
    """Raise ScanError if a stack (n, H, W) has more or larger frames than any measurement."""
    if shape[0] > MAX_FRAMES:
        raise ScanError(
            f"{label} declares {shape[0]:,} patterns, more than any scan has: wait for it or copy "
            "the file again."
        )
    check_frame_size(shape[1:], label)


def check_frame_size(shape: tuple[int, ...], label: str) -> None:
    """Raise ScanError if a frame (H, W) is larger than those of any detector."""
    if math.prod(shape) > MAX_FRAME_PIXELS:
        raise ScanError(
            f"{label} has frames of {shape[0]:,} x {shape[1]:,} pixels, more than any detector: choose "
            "another dataset, or copy the file again."
        )


def as_probe(values: NDArray[Any], shape: tuple[int, int], label: str) -> NDArray[np.complex64]:
    """Return a probe as (modes, H, W).

    Parameters
    ----------
    values : (..., modes, H, W), (H, W) or (H, W, modes)
        Of leading axes (views, positions, variations) the first entry is taken.
    shape : (H, W) of the patterns
    label : str
        File and key, for the message.

    Raises
    ------
    ScanError
        If it is no complex image of the patterns' size, or not finite.
    """
    if values.ndim == 3 and values.shape[:2] == shape != values.shape[1:]:
        values = np.moveaxis(values, 2, 0)
    if values.ndim < 2 or values.shape[-2:] != shape or values.size == 0 or values.dtype.kind not in "fc":
        raise ScanError(
            f"{label} must be a probe, complex of shape (modes, {shape[0]}, {shape[1]}) like the patterns, "
            f"not {values.dtype} of shape {values.shape}."
        )
    while values.ndim > 3:
        values = values[0]
    with np.errstate(over="ignore", invalid="ignore"):  # what single precision cannot hold is not finite
        probe = np.array(values, dtype=np.complex64, ndmin=3)
    if not np.isfinite(probe).all():
        raise ScanError(f"{label} must be a probe, but some of its values are not finite numbers.")
    return probe


def without_empty_probe(raw: RawScan) -> RawScan:
    """Return the scan without its probe, and a note that says so, if the probe is zero everywhere."""
    if raw.probe is None or raw.probe.any():
        return raw
    note = "The file's probe is zero everywhere, so it was left out."
    return replace(raw, probe=None, notes=(*raw.notes, note))


def as_reference(
    values: NDArray[Any], origin_px: tuple[float, float], pixel_size_m: tuple[float, float] | None
) -> ObjectImage | None:
    """Return an object that a file carries; None if it is a mere flat start, or no single image.

    Parameters
    ----------
    values : (rows, cols), axes of length 1 may precede or follow
    origin_px : (row, col) of element [0, 0] in the scan's frame
    pixel_size_m : (y, x) or None
    """
    image = values.squeeze()
    if image.ndim != 2 or image.dtype.kind not in "fc" or image.size == 0:
        return None
    covered = np.isfinite(image)
    image = np.where(covered, image, 0)
    if (image == image[0, 0]).all():
        return None
    return ObjectImage(image.astype(np.complex64), covered, origin_px, pixel_size_m)
