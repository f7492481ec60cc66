"""Results in Ptychodus products, HDF5 and .npz, ptygui's or foreign ones; io.product tells the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import to_pixels
from ptygui.core.scan import ObjectImage
from ptygui.io import hdf5
from ptygui.io.archive import peek_keys
from ptygui.io.product import (
    INDEX_KEY,
    X_KEY,
    Y_KEY,
    Product,
    geometry_of,
    object_origin_px,
    pixel_size_m,
    positions_m,
)
from ptygui.io.product_scan import open_product
from ptygui.io.provenance import PROGRAM, Provenance, read_provenance
from ptygui.io.result_checks import Axes
from ptygui.io.result_parts import measured
from ptygui.io.result_registry import register_result_reader


@register_result_reader
class PtychodusProductResult:
    """Results of Ptychodus, of pty-chi, and of ptygui where it wrote a product."""

    name: ClassVar[str] = "Ptychodus product (.h5, .npz)"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".npz")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has an object, and positions in metres."""
        return hdf5.has(path, "object", X_KEY) or {"object", X_KEY} <= peek_keys(path)

    def record(self, path: Path) -> Provenance | None:
        """Read the provenance alone; None if there is none. Raises ScanError if the file is damaged."""
        with open_product(path) as product:
            return read_provenance(product.text("comments"))

    def read(self, path: Path) -> Reconstruction:
        """Read; of slices of the object and variations of the probe the first, and a notice says so."""
        with open_product(path) as product:
            return read_product(product, path.stem)


def read_product(product: Product, name: str) -> Reconstruction:
    """Read the result in a product.

    Parameters
    ----------
    product : Product
    name : str
        Of the scan, where the product does not tell it.

    Raises
    ------
    ResultError, ScanError
        If it is damaged, or no product.
    """
    record = read_provenance(product.text("comments")) or _foreign_record(product, name)
    objects, probes = product.array("object"), product.array("probe")
    size = pixel_size_m(product)
    image = _image(product, _first(objects, 2), size)
    probe = _probe(product, probes)
    positions_px, order = _positions_px(product, size)
    notices = (*record.notices, *_left_out(objects, probes), *order)
    return msgspec.structs.replace(record, notices=notices).reconstruction(image, probe, positions_px)


def _foreign_record(product: Product, name: str) -> Provenance:
    told = geometry_of(product)
    recipe: dict[str, Any] = {"energy_ev": told.energy_ev, "distance_m": told.distance_m}
    recipe = {key: value for key, value in recipe.items() if value is not None}
    losses = next((key for key in ("loss_values", "costs") if key in product), None)
    if losses is not None:
        values = product.array(losses).reshape(-1)
        recipe["curves"] = {"loss": np.real(values).astype(float).tolist()}
    return Provenance(program=PROGRAM, scan=product.text("name") or name, recipe=recipe)


def _image(product: Product, values: NDArray[Any], size: tuple[float, float]) -> ObjectImage:
    """Take what is zero, or no number, for not measured."""
    values = Axes().fit(values, np.complex64, "rows cols", product.label("object"))
    covered = measured(values)
    row, col = object_origin_px(product, values.shape, size)
    # metres give back whole pixels but for their rounding
    return ObjectImage(np.where(covered, values, 0), covered, (round(row, 6), round(col, 6)), size)


def _probe(product: Product, values: NDArray[Any]) -> NDArray[np.complex64]:
    modes = values[np.newaxis] if values.ndim == 2 else _first(values, 3)
    return Axes().fit(modes, np.complex64, "modes H W", product.label("probe"), finite=True)


def _first(values: NDArray[Any], ndim: int) -> NDArray[Any]:
    return values[0] if values.ndim == ndim + 1 and len(values) else values


def _positions_px(product: Product, size: tuple[float, float]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the positions in the order of the patterns, and what is to be said of it."""
    with np.errstate(over="ignore"):
        values = to_pixels(positions_m(product), size)
    positions_px = Axes().fit(values, np.float64, "n 2", product.label(Y_KEY), finite=True)
    if INDEX_KEY not in product:
        return positions_px, ()
    indexes = product.array(INDEX_KEY).reshape(-1)
    order = np.argsort(indexes, kind="stable")
    if np.array_equal(indexes[order], np.arange(len(positions_px))):
        return positions_px[order], ()
    return positions_px, (f"{product.name} has positions of a part of the patterns only.",)


def _left_out(objects: NDArray[Any], probes: NDArray[Any]) -> list[str]:
    notices = []
    if objects.ndim == 3 and len(objects) > 1:
        notices.append(f"The object has {len(objects)} slices; the first was taken.")
    if probes.ndim == 4 and len(probes) > 1:
        notices.append(f"The probe has {len(probes)} variations (OPR); the first was taken.")
    return notices
