"""What the functions of core.prepare_* share: their tools, their result, and looking at patterns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.interpret import placed_like_frames
from ptygui.core.preparation import Bin, Window
from ptygui.core.preprocess import Preprocessed, StackFunction, stored_frame
from ptygui.core.progress import Report
from ptygui.core.reading import missing_geometry
from ptygui.core.scan import Scan, spread_indices

PORTION_BYTES = 32 << 20
"""Of frames that are in memory at once."""
PORTION = 256
"""Patterns at once, at most, so that progress is told often."""
SAMPLE = 64
"""Patterns, spread over the scan, that tell what all have in common."""


class StoredProbe(NamedTuple):
    """A probe of some file: (modes, H, W) complex64, and its pixel (y, x) in metres if that is known."""

    values: NDArray[np.complex64]
    pixel_size_m: tuple[float, float] | None


class Loader(Protocol):
    """Reads the files that steps name (io.step_files)."""

    def array(self, path: str, key: str, what: str) -> NDArray[Any]:
        """Read numbers; `what` says for messages what they should be, e.g. 'a mask'. Raises ScanError."""
        ...

    def probe(self, path: str, key: str) -> StoredProbe:
        """Read the probe of a scan, a result or an array. Raises ScanError."""
        ...


class NoFiles:
    """A loader for lists of steps that name no file."""

    def array(self, path: str, _key: str, what: str) -> NDArray[Any]:
        """Refuse."""
        raise ScanError(f"{path} cannot be read as {what}: no files are read here.")

    def probe(self, path: str, _key: str) -> StoredProbe:
        """Refuse."""
        raise ScanError(f"{path} cannot be read as a probe: no files are read here.")


class Tools(NamedTuple):
    """What a step may use."""

    load: Loader
    report: Report


class Done(NamedTuple):
    """What a step made, and one sentence that says what it did."""

    scan: Scan
    sentence: str


@dataclass
class Moments:
    """Mean and variance (H, W) of some patterns."""

    count: int
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]


def portions(
    scan: Scan, indices: NDArray[np.intp], report: Report
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Read patterns a few at a time: (b,) indices and (b, H, W) counts; peak memory is that of one portion.

    Raises
    ------
    Cancelled
        By `report`.
    ScanError
        If patterns cannot be read.
    """
    height, width = stored_frame(scan.patterns)
    size = min(PORTION, max(1, PORTION_BYTES // (4 * height * width)))
    for start in range(0, len(indices), size):
        report(start / len(indices))
        part = indices[start : start + size]
        yield part, scan.patterns.read(part)
    report(1.0)


def moments(scan: Scan, report: Report) -> Moments:
    """Return mean and variance of up to SAMPLE patterns spread over the scan; what is not finite counts 0."""
    indices = spread_indices(len(scan), SAMPLE)
    total, squares = np.zeros(scan.pattern_shape), np.zeros(scan.pattern_shape)
    for _, counts in portions(scan, indices, report):
        finite = np.where(np.isfinite(counts), counts, 0).astype(np.float64)
        total += finite.sum(axis=0)
        squares += (finite**2).sum(axis=0)
    mean = total / len(indices)
    return Moments(len(indices), mean, np.maximum(squares / len(indices) - mean**2, 0))


def bad_pixels(scan: Scan) -> NDArray[np.bool_]:
    """Return the bad pixels (H, W) so far; none are marked if the scan has no mask."""
    return np.zeros(scan.pattern_shape, np.bool_) if scan.bad_pixels is None else scan.bad_pixels


def with_bad_pixels(scan: Scan, bad: NDArray[np.bool_]) -> Scan:
    """Return the scan with this mask (H, W); raises ScanError if no pixel is left."""
    if bad.all():
        raise ScanError("Every detector pixel would be bad: check the limits, or the meaning of the mask.")
    return replace(scan, bad_pixels=bad if bad.any() else None)


def also_bad(scan: Scan, more: NDArray[np.bool_]) -> tuple[Scan, int]:
    """Return the scan with `more` (H, W) bad as well, and how many pixels were good before."""
    before = bad_pixels(scan)
    return with_bad_pixels(scan, before | more), int((more & ~before).sum())


def pixel_size(scan: Scan, what: str) -> tuple[float, float]:
    """Return the object pixel (y, x) in metres that `what` needs; raises IncompleteScanError if unknown."""
    if scan.metadata.pixel_size_m is None:
        lacks, words = missing_geometry(scan.metadata)
        raise IncompleteScanError(
            f"The object pixel must be known for {what}: tell {words or 'it'}.", (*lacks, "pixel_size_m")
        )
    return scan.metadata.pixel_size_m


def through(scan: Scan, *functions: StackFunction) -> Preprocessed:
    """Return the scan's source with functions of a stack applied as it is read."""
    source = scan.patterns
    if isinstance(source, Preprocessed):
        return Preprocessed(source.source, (*source.steps, *functions))
    return Preprocessed(source, functions)


def counted(count: int, noun: str) -> str:
    """Write '1 pixel' or '1,234 pixels'."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def some(numbers: NDArray[np.intp], at_most: int = 10) -> str:
    """Write '17, 18, 19', and of a long list its beginning."""
    text = ", ".join(str(number) for number in numbers[:at_most])
    rest = len(numbers) - at_most
    return text if rest <= 0 else f"{text} and {rest:,} more"


def size_text(size: tuple[int, ...]) -> str:
    """Write '128 × 128 px'."""
    return f"{size[0]} × {size[1]} px"


def fitting(image: NDArray[Any], scan: Scan, path: str, what: str) -> NDArray[Any]:
    """Return an image of a file (H, W) where the patterns lie.

    It lies as the frames in the scan's file do, or, where that does not fit or steps before have changed the
    pixels, as the patterns.

    Parameters
    ----------
    image : (H, W), axes of length 1 may precede or follow
    scan : Scan
    path, what : str
        For the message, e.g. 'a mask'.

    Raises
    ------
    ScanError
        If it is not as large.
    """
    shape = scan.pattern_shape
    flat = image if image.ndim <= 2 else image.squeeze()
    if flat.ndim == 2 and not _pixels_changed(scan):
        with suppress(ScanError):  # the centre of the frames may lie outside a smaller image
            placed = placed_like_frames(flat, scan.metadata.reading)
            if placed.shape == shape:
                return placed
    if flat.shape != shape:
        found = " × ".join(str(length) for length in image.shape)
        raise ScanError(
            f"{path} must hold {what} of {size_text(shape)} like the patterns at this step, not {found}: "
            "move the step before those that crop or bin, or choose another file."
        )
    return flat


def _pixels_changed(scan: Scan) -> bool:
    return any(step.on and isinstance(step, Window | Bin) for step in scan.metadata.preparation.steps)
