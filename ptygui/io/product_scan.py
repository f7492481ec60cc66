"""Patterns in one file and a Ptychodus product in the same or another one, as a scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import ObjectImage, SelectedPatterns
from ptygui.io import hdf5
from ptygui.io.archive import peek_keys
from ptygui.io.canonical import as_probe, as_reference
from ptygui.io.npz import open_npz
from ptygui.io.pairs import PARAMETERS, PATTERNS, partner
from ptygui.io.product import (
    X_KEY,
    Y_KEY,
    Hdf5Product,
    NpzProduct,
    Numbers,
    Product,
    geometry_of,
    object_origin_px,
    pixel_size_m,
    places_of,
    positions_m,
)
from ptygui.io.product_cxi import CxiProduct, is_cxi_product
from ptygui.io.provenance import PROGRAM

NAMES = ("{name}_para", "{name}_product", "product", "product-out", "product-in")
"""Names without ending that a product beside its patterns has; {name} is theirs."""
ENDINGS = (".h5", ".hdf5", ".npz", ".cxi")


@contextmanager
def open_product(path: Path) -> Iterator[Product]:
    """Open a product of any kind; raises ScanError."""
    if peek_keys(path):
        with open_npz(path) as archive:
            yield NpzProduct(archive)
    else:
        with hdf5.open_hdf5(path) as file:
            yield CxiProduct(file) if is_cxi_product(path) else Hdf5Product(file)


def product_beside(path: Path) -> Path | None:
    """Return the product in the folder of a file of patterns; one that makes a pair with it, at any rate."""
    pair = partner(path, PATTERNS, PARAMETERS)
    if pair.exists():
        return pair
    name = path.stem.removesuffix(PATTERNS)
    for pattern in NAMES:
        for ending in dict.fromkeys((path.suffix, *ENDINGS)):
            candidate = path.with_name(pattern.replace("{name}", name) + ending)
            if candidate != path and candidate.is_file() and _has_positions(candidate):
                return candidate
    return None


def _has_positions(path: Path) -> bool:
    return hdf5.has(path, X_KEY, Y_KEY) or {X_KEY, Y_KEY} <= peek_keys(path) or is_cxi_product(path)


def with_product_beside(raw: RawScan, names: Numbers | None = None) -> RawScan:
    """Complete patterns by the product in their folder; a note says so if there is none.

    Parameters
    ----------
    raw : RawScan
        Without positions.
    names : (n,) int or None
        By what number a product means each pattern; None: by its place.

    Raises
    ------
    ScanError
        If there is one, but damaged or of other patterns.
    """
    path = product_beside(Path(raw.path))
    if path is None:
        note = "Beside the patterns lies no product with their positions: choose a file that has them."
        return replace(raw, notes=(*raw.notes, note))
    raw = replace(raw, companions=(*raw.companions, str(path)))
    with open_product(path) as product:
        return with_product(raw, product, names)


def with_product(raw: RawScan, product: Product, names: Numbers | None = None) -> RawScan:
    """Put patterns and a product together; parameters and errors as in `with_product_beside`."""
    size, probe = pixel_size_m(product), _probe(product, raw.frames.shape[1:])
    told = Reading(position_unit="m", pixel_size_m=size).over(geometry_of(product))
    places = places_of(product, raw.frames.shape[0], names)
    return replace(
        raw,
        frames=raw.frames if places is None else SelectedPatterns(raw.frames, places),
        monitor=raw.monitor if raw.monitor is None or places is None else raw.monitor[places],
        positions=positions_m(product),
        stated=told.over(raw.stated),
        probe=raw.probe if probe is None else probe,
        reference_object=_reference(product, size),
        origin=raw.origin or _origin(product),
        extra={**raw.extra, **_extra(product)},
    )


def _origin(product: Product) -> str:
    """Return 'ptygui' if it wrote the scan (writers.history), prepared as it was; else nothing."""
    try:
        record = json.loads(product.text("comments"))
    except (ScanError, ValueError, RecursionError):  # others' comments are any text, and may be damaged
        return ""
    writer = record.get("written_by") if isinstance(record, dict) else None
    return PROGRAM if isinstance(writer, str) and writer.startswith(PROGRAM) else ""


def _probe(product: Product, shape: tuple[int, int]) -> NDArray[np.complex64] | None:
    if "probe" not in product:
        return None
    return as_probe(product.array("probe"), shape, product.label("probe"))


def _reference(product: Product, size: tuple[float, float]) -> ObjectImage | None:
    if "object" not in product:
        return None
    image = product.array("object").squeeze()
    if image.ndim != 2:  # of several layers, or damaged
        return None
    return as_reference(image, object_origin_px(product, image.shape, size), size)


def _extra(product: Product) -> dict[str, Any]:
    values = {key: product.number(key) for key in ("exposure_time_s", "probe_photon_count")}
    return {key: value for key, value in values.items() if value}
