"""What two formats share that keep the patterns in one file and a Ptychodus product beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.history import history_of
from ptygui.io.writers.product_parts import Product

HOLDS = frozenset(
    {
        contents.PATTERNS,
        contents.POSITIONS,
        contents.PROBE,
        contents.OBJECT,
        contents.ENERGY,
        contents.DISTANCE,
        contents.PIXEL_SIZE,
        contents.HISTORY,
    }
)
"""What a product and patterns hold together."""
_SUFFIXES = ("_dp", "_para")


def pair_of(path: Path) -> tuple[Path, Path]:
    """Name the files of patterns and product: `<name>_dp` and `<name>_para`, whichever was asked for."""
    stem = path.stem
    for suffix in _SUFFIXES:
        stem = stem.removesuffix(suffix)
    patterns, product = (path.with_name(f"{stem}{suffix}{path.suffix}") for suffix in _SUFFIXES)
    return patterns, product


def product_of(scan: Scan) -> Product:
    """Return positions, probe and object of a scan as a product.

    Everything is shifted together so that the object's centre is at 0: pty-chi and PtychoViT add the place
    of the centre themselves, and Ptychodus reads it from the file. A scan without an object gets a flat one
    that its probe never leaves, because Ptychodus opens no product without.
    """
    size = scan.metadata.pixel_size_m
    assert size is not None  # held by whoever asks for it (io.convert)
    image = scan.reference_object
    values, origin = (image.values, np.array(image.origin_px)) if image else _flat(scan)
    centre_px = origin + np.array(values.shape) / 2
    return Product(
        name=scan.metadata.name,
        comments=history_of(scan),
        energy_ev=scan.metadata.energy_ev,
        distance_m=scan.metadata.distance_m,
        pixel_size_m=size,
        positions_m=(scan.positions_px - centre_px) * np.array(size),
        probe=scan.probe,
        object=values[np.newaxis],
        origin_px=(-values.shape[0] / 2, -values.shape[1] / 2),
    )


def _flat(
    scan: Scan,
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.complex64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    half = np.array(scan.pattern_shape) / 2
    first = np.floor(scan.positions_px.min(axis=0) - half) - 1
    last = np.ceil(scan.positions_px.max(axis=0) + half) + 1
    rows, cols = (last - first).astype(int)
    return np.ones((rows, cols), np.complex64), first
