"""Steps that change the detector's pixels, and with them all that is measured in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Bin, Window
from ptygui.core.prepare_base import Done, Tools, bad_pixels, size_text, through, with_bad_pixels
from ptygui.core.preprocess import bin_counts, centre_and_crop
from ptygui.core.probe_sampling import cropped_probe
from ptygui.core.scan import ProbePositions, Scan, ScanMetadata

Size = tuple[int, int]


def window(step: Window, scan: Scan, _tools: Tools) -> Done:
    """Crop or pad around a place, which becomes the zero frequency.

    The object pixel, lambda z / (N detector pixel), changes with N: positions in pixels, pixel size and probe
    follow. An object on the old pixels is left out.
    """
    frame, size = scan.pattern_shape, step.size_px
    centre = step.centre_px or _middle(frame)
    if (centre, size) == (_middle(frame), frame):
        return Done(scan, f"The patterns have {size_text(size)} already.")
    ratio = (frame[0] / size[0], frame[1] / size[1])
    cut = partial(centre_and_crop, centre=centre, size=size)
    bad = cut(bad_pixels(scan)[None], outside=1.0)[0]
    if bad.all():
        raise ScanError(
            f"A window of {size_text(size)} around row {centre[0]}, column {centre[1]} shows no good pixel "
            f"of patterns of {size_text(frame)}: choose another centre."
        )
    cropped = replace(
        scan,
        patterns=through(scan, cut),
        probe=None if scan.probe is None else cropped_probe(scan.probe, size),
        bad_pixels=None,
        positions=_in_new_pixels(scan.positions, ratio),
        metadata=_with_pixels(scan.metadata, ratio),
        reference_object=scan.reference_object if ratio == (1, 1) else None,
        dark=None if scan.dark is None else cut(scan.dark[None])[0],
        flat=None if scan.flat is None else cut(scan.flat[None], outside=1.0)[0],
    )
    return Done(with_bad_pixels(cropped, bad), _window_text(scan, cropped, centre))


def binned(step: Bin, scan: Scan, _tools: Tools) -> Done:
    """Sum blocks of pixels; a block is bad if any of its pixels was.

    The object pixel stays, the probe's window gets smaller.
    """
    frame, factor = scan.pattern_shape, step.factor
    fit = (frame[0] // factor * factor, frame[1] // factor * factor)
    if frame != fit:
        raise ScanError(
            f"Patterns of {size_text(frame)} cannot be binned by {factor}: put a window "
            f"{'of ' + size_text(fit) + ' ' if min(fit) else 'that is larger '}before this step."
        )
    pixel = scan.metadata.detector_pixel_m
    blocks = partial(bin_counts, factor=factor)
    area = np.float32(factor**2)
    smaller = replace(
        scan,
        patterns=through(scan, blocks),
        probe=None if scan.probe is None else binned_probe(scan.probe, factor),
        bad_pixels=None,
        metadata=replace(scan.metadata, detector_pixel_m=pixel and (pixel[0] * factor, pixel[1] * factor)),
        dark=None if scan.dark is None else blocks(scan.dark[None])[0],
        flat=None if scan.flat is None else blocks(scan.flat[None])[0] / area,
    )
    bad = blocks(bad_pixels(scan)[None].astype(np.float32))[0] > 0
    text = f"Blocks of {factor} × {factor} pixels summed: patterns have {size_text(smaller.pattern_shape)}."
    return Done(with_bad_pixels(smaller, np.asarray(bad)), text)


def binned_probe(probe: NDArray[np.complex64], factor: int) -> NDArray[np.complex64]:
    """Return the probe (modes, H/f, W/f) whose far field is sampled f times coarser: its window shrinks.

    A block's middle lies beside its pixel [H//2, W//2]: the probe is tilted so that its zero frequency lies
    there too.
    """
    shape = probe.shape[1:]
    size = (shape[0] // factor, shape[1] // factor)
    tilted = probe * np.outer(*(_tilt(length, factor) for length in shape))
    return np.asarray(centre_and_crop(tilted, _middle(shape), size), np.complex64)


def _tilt(length: int, factor: int) -> NDArray[np.complex128]:
    """Return the phases of an axis by which the far field moves to the middles of the blocks."""
    off_px = factor * (length // factor // 2) + (factor - 1) / 2 - length // 2
    return np.asarray(np.exp(-2j * np.pi * off_px * (np.arange(length) - length // 2) / length))


def _in_new_pixels(positions: ProbePositions, ratio: tuple[float, float]) -> ProbePositions:
    if positions.unit == "m":
        return positions
    return ProbePositions(np.asarray(positions.values / np.asarray(ratio), np.float64), "px")


def _with_pixels(metadata: ScanMetadata, ratio: tuple[float, float]) -> ScanMetadata:
    pixel, before = metadata.pixel_size_m, metadata.pixel_ratio
    return replace(
        metadata,
        pixel_size_m=pixel and (pixel[0] * ratio[0], pixel[1] * ratio[1]),
        pixel_ratio=(before[0] * ratio[0], before[1] * ratio[1]),
    )


def _window_text(before: Scan, after: Scan, centre: Size) -> str:
    size, frame = after.pattern_shape, before.pattern_shape
    inside = all(
        at - length // 2 >= 0 and at - length // 2 + length <= whole
        for at, length, whole in zip(centre, size, frame, strict=True)
    )
    padded = "" if inside else ", padded where it leaves the frame"
    lost = "; the object in the file has other pixels and is left out"
    gone = lost if before.reference_object is not None and after.reference_object is None else ""
    where = "the middle" if centre == _middle(frame) else f"row {centre[0]}, column {centre[1]}"
    return f"Patterns of {size_text(frame)} cut to {size_text(size)} around {where}{padded}{gone}."


def _middle(shape: tuple[int, ...]) -> Size:
    return shape[0] // 2, shape[1] // 2
