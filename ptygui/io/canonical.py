"""From what files hold to the canonical form of core.scan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.geometry import centre_dc
from ptygui.core.preprocess import Preprocessed
from ptygui.core.scan import ObjectImage, PatternSource, ProbePositions, Scan, spread_indices

SAMPLES = 16
MAX_ARRAY_BYTES = 1 << 30
"""Largest array that is read into memory whole; no probe, object or list of positions comes near it."""
MAX_EXTENT_PX = 100_000
"""Real scans span 10 to 100,000 object pixels; more means a wrong unit."""
MIN_EXTENT_PX = 1.0
"""No scan is smaller than a pixel: such positions are metres, or no scan at all."""
MAX_OFFSET_PX = 1e9
"""Stages may stand far from zero, but not so far that pixels drown in rounding."""


@dataclass(frozen=True)
class SelectedPatterns:
    """Some patterns of another source, in an order of their own: pattern i is `selection[i]` there."""

    source: PatternSource
    selection: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return len(self.selection), *self.source.shape[1:]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the patterns at `indices`, (b, H, W) float32."""
        return self.source.read(self.selection[indices])


def as_intensity(source: PatternSource, *, squared: bool, shifted: bool) -> PatternSource:
    """Bring patterns to the canonical form as they are read.

    Parameters
    ----------
    source : PatternSource
    squared : bool
        It holds amplitudes: square them.
    shifted : bool
        Its zero frequency is at the corner: move it to [H//2, W//2].
    """
    steps = [step for step, needed in ((np.square, squared), (centre_dc, shifted)) if needed]
    return Preprocessed(source, tuple(steps)) if steps else source


def sample_patterns(source: PatternSource, count: int = SAMPLES) -> NDArray[np.float32]:
    """Read a few patterns, evenly spread over the scan, (<= count, H, W)."""
    return source.read(spread_indices(source.shape[0], count))


def as_positions_px(values: NDArray[np.float64], label: str) -> ProbePositions:
    """Return positions that a file gives in object pixels.

    Parameters
    ----------
    values : (n, 2) float64, (y, x)
    label : str
        File and keys, for the message.

    Raises
    ------
    ScanError
        If some are not finite, or several patterns lie within one pixel: a wrong unit.
    """
    try:
        positions = ProbePositions(values, "px")
    except ScanError as error:
        raise ScanError(f"{label} must be object pixels: {error}") from error
    if len(values) < 2:
        return positions
    with np.errstate(over="ignore"):
        span = float(np.ptp(values, axis=0).max())
    if span < MIN_EXTENT_PX:
        raise ScanError(
            f"{label} must be object pixels, but the {len(values)} probe positions span only {span:.2g} "
            "pixels (are they metres?): divide them by the size of an object pixel, or save the scan in a "
            "format that stores its geometry."
        )
    return positions


def check_extent(scan: Scan) -> Scan:
    """Return the scan, unless its positions span more object pixels than any canvas could hold.

    Raises
    ------
    ScanError
        If they do: a wrong unit, a wrong pixel size or a damaged file.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        positions_px = scan.positions_px
        span = np.ptp(positions_px, axis=0).max()
    if not (span <= MAX_EXTENT_PX and np.abs(positions_px).max() <= MAX_OFFSET_PX):
        raise ScanError(
            f"The probe positions of {scan.metadata.name} span {span:.3g} object pixels, more than "
            f"{MAX_EXTENT_PX:,}, or lie too far from the origin: their unit or the pixel size must be wrong."
        )
    return scan


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
    if not np.isfinite(values).all():
        raise ScanError(f"{label} must be a probe, but some of its values are not finite numbers.")
    return np.array(values, dtype=np.complex64, ndmin=3)


def without_empty_probe(scan: Scan) -> Scan:
    """Return the scan without its probe, and a note that says so, if the probe is zero everywhere."""
    if scan.probe is None or scan.probe.any():
        return scan
    note = "The file's probe is zero everywhere, so it was left out."
    return replace(scan, probe=None, metadata=replace(scan.metadata, notes=(*scan.metadata.notes, note)))


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
