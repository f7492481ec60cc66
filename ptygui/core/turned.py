"""What the user drew on patterns and on the map moves along when they are turned.

Steps hold pixels and places of the scan as it lies when they are applied. Who paints a mask, drags a crop or
draws a lasso and only then finds how the frames lie means the same pixels and patterns as before. What was
typed (positions moved, a probe) stays as it was typed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ptygui.core.frame_window import shape_as_read
from ptygui.core.geometry import compose_orientations, inverse_orientation, orient_positions
from ptygui.core.preparation import Bin, Lasso, MaskPainted, Point, Preparation, Step, Stroke, Window
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading

Size = tuple[int, int]


def with_reading(raw: RawScan, read: Reading, preparation: Preparation, chosen: Reading) -> Preparation:
    """Return a preparation with another reading, what was drawn turned with frames and positions.

    Parameters
    ----------
    raw : RawScan
    read : Reading
        How the scan is read now, complete (`ScanMetadata.reading`).
    preparation : Preparation
        The present one.
    chosen : Reading
        What the user decided now.
    """
    frames = _turn(read.frames_orientation, chosen.frames_orientation, raw.stated.frames_orientation)
    positions = 0
    if chosen.positions_file == preparation.reading.positions_file:
        known = chosen.positions_orientation is not None or chosen.positions_file is None
        after = chosen.positions_orientation if known else read.positions_orientation
        positions = _turn(read.positions_orientation, after, raw.stated.positions_orientation)
    height, width = raw.frames.shape[1:]
    steps = turned_steps(preparation.steps, shape_as_read((height, width), read), frames, positions)
    return msgspec.structs.replace(preparation, reading=chosen, steps=steps)


def turned_steps(steps: Sequence[Step], shape: Size, frames: int, positions: int) -> tuple[Step, ...]:
    """Return the steps for a scan that is turned, so that they mean what they meant.

    Parameters
    ----------
    steps : sequence of Step
    shape : (H, W)
        Of the patterns before the first step, before they are turned.
    frames, positions : int
        Codes of the turn, as of `geometry.orient_centred` and `geometry.orient_positions`.
    """
    turned: list[Step] = []
    for step in steps:
        turned.append(_turned(step, shape, frames, positions))
        shape = _shape_after(step, shape)
    return tuple(turned)


def _turn(before: int | None, chosen: int | None, stated: int | None) -> int:
    """Return the code that leads from how something lies to how it will."""
    after = chosen if chosen is not None else stated or 0
    return compose_orientations(inverse_orientation(before or 0), after)


def _turned(step: Step, shape: Size, frames: int, positions: int) -> Step:
    if isinstance(step, MaskPainted):
        strokes = tuple(_moved(stroke, shape, frames) for stroke in step.strokes)
        return msgspec.structs.replace(step, strokes=strokes)
    if isinstance(step, Window):
        centre = step.centre_px and _pixel(step.centre_px, shape, frames)
        return msgspec.structs.replace(step, centre_px=centre, size_px=_swapped(step.size_px, frames))
    if isinstance(step, Lasso):
        corners = orient_positions(np.array(step.polygon, np.float64).reshape(-1, 2), positions)
        return msgspec.structs.replace(step, polygon=tuple((y, x) for y, x in corners.tolist()))
    return step


def _moved(stroke: Stroke, shape: Size, code: int) -> Stroke:
    row, col = _place((stroke.row, stroke.col), shape, code)
    return msgspec.structs.replace(stroke, row=row, col=col)


def _pixel(pixel: Size, shape: Size, code: int) -> Size:
    row, col = _place(pixel, shape, code)
    return round(row), round(col)


def _place(place: Point, shape: Size, code: int) -> Point:
    """Turn a place about the centre [H//2, W//2], as `geometry.orient_centred` does."""
    off = np.array([[place[0] - shape[0] // 2, place[1] - shape[1] // 2]], np.float64)
    height, width = _swapped(shape, code)
    row, col = orient_positions(off, code)[0].tolist()
    return row + height // 2, col + width // 2


def _swapped(size: Size, code: int) -> Size:
    return (size[1], size[0]) if code & 4 else size


def _shape_after(step: Step, shape: Size) -> Size:
    """Return the shape of the patterns after a step, which lie as they did before all of them."""
    if not step.on:
        return shape
    if isinstance(step, Window):
        return step.size_px
    if isinstance(step, Bin):
        return shape[0] // step.factor, shape[1] // step.factor
    return shape
