"""The part of the stored frames that a reading uses: around its centre, if that is told."""

from __future__ import annotations

from typing import NamedTuple

from ptygui.core.errors import ScanError
from ptygui.core.reading import Reading


class Window(NamedTuple):
    """A part of the stored frames: (row, col) of its centre, (rows, cols) of its size."""

    centre: tuple[int, int]
    size: tuple[int, int]


def window_of(shape: tuple[int, ...], reading: Reading) -> Window | None:
    """Return the part of frames of `shape` that is used; None: all of it, as the zero frequency is known.

    Raises
    ------
    ScanError
        If the reading's centre lies outside the frames.
    """
    if reading.zero_frequency != "detector":
        return None
    height, width = shape
    centre = reading.centre_px or (shape[0] // 2, shape[1] // 2)
    if not all(0 <= at < length for at, length in zip(centre, shape, strict=True)):
        raise ScanError(f"The centre {centre} lies outside the frames of {height} x {width} pixels.")
    if centre == (shape[0] // 2, shape[1] // 2) and reading.window_px is None and shape[0] == shape[1]:
        return None
    return Window(centre, reading.window_px or _largest_square(centre, (height, width)))


def _largest_square(centre: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int]:
    """Return the largest even square whose pixel [side//2] is the centre."""
    reach = min(min(at, length - at) for at, length in zip(centre, shape, strict=True))
    return (max(2 * reach, 2),) * 2


def shape_as_read(shape: tuple[int, int], reading: Reading) -> tuple[int, int]:
    """Return the shape (H, W) of the patterns before any step, of stored frames of `shape`."""
    window = window_of(shape, reading)
    height, width = shape if window is None else window.size
    return (width, height) if (reading.frames_orientation or 0) & 4 else (height, width)
