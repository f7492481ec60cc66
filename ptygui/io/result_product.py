"""Reading the result in a Ptychodus product (.h5), ptygui's or a foreign one; its keys are in io.product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import to_pixels
from ptygui.core.scan import ObjectImage
from ptygui.io import hdf5
from ptygui.io.product import INDEX_KEY, Y_KEY, object_origin_px, pixel_size_m, positions_m
from ptygui.io.provenance import PROGRAM, Provenance, read_provenance
from ptygui.io.result_checks import Axes


def read_product_record(path: Path) -> Provenance | None:
    """Read the provenance alone; None if there is none. Raises ScanError if the file is damaged."""
    with hdf5.open_hdf5(path) as file:
        return read_provenance(_text(file, "comments"))


def read_product_result(path: Path) -> Reconstruction:
    """Read a result; of slices of the object and variations of the probe the first, and a notice says so.

    Raises
    ------
    ResultError, ScanError
        If it is damaged, or no product.
    """
    with hdf5.open_hdf5(path) as file:
        record = read_provenance(_text(file, "comments")) or _foreign_record(file, path)
        objects, probes = hdf5.array(file, "object"), hdf5.array(file, "probe")
        size = pixel_size_m(file)
        image = _image(file, _first(objects, 2), size)
        probe = _probe(file, probes)
        positions_px, order = _positions_px(file, size)
        notices = (*record.notices, *_left_out(objects, probes), *order)
    return msgspec.structs.replace(record, notices=notices).reconstruction(image, probe, positions_px)


def _text(file: h5py.File, key: str) -> str:
    value = file.attrs.get(key, "")
    return value if isinstance(value, str) else ""


def _foreign_record(file: h5py.File, path: Path) -> Provenance:
    lengths = {
        "energy_ev": hdf5.number(file, "probe_energy_eV"),
        "distance_m": hdf5.number(file, "detector_object_distance_m"),
    }
    recipe = {key: value for key, value in lengths.items() if value}  # Ptychodus writes 0 for unknown
    return Provenance(program=PROGRAM, scan=_text(file, "name") or path.stem, recipe=recipe)


def _image(file: h5py.File, values: NDArray[Any], size: tuple[float, float]) -> ObjectImage:
    """Take what is zero, or no number, for not measured."""
    values = Axes().fit(values, np.complex64, "rows cols", hdf5.label(file, "object"))
    covered = np.isfinite(values) & (values != 0)
    row, col = object_origin_px(file["object"], values.shape, size)
    # metres give back whole pixels but for their rounding
    return ObjectImage(np.where(covered, values, 0), covered, (round(row, 6), round(col, 6)), size)


def _probe(file: h5py.File, values: NDArray[Any]) -> NDArray[np.complex64]:
    modes = values[np.newaxis] if values.ndim == 2 else _first(values, 3)
    return Axes().fit(modes, np.complex64, "modes H W", hdf5.label(file, "probe"), finite=True)


def _first(values: NDArray[Any], ndim: int) -> NDArray[Any]:
    return values[0] if values.ndim == ndim + 1 and len(values) else values


def _positions_px(file: h5py.File, size: tuple[float, float]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the positions in the order of the patterns, and what is to be said of it."""
    with np.errstate(over="ignore"):
        values = to_pixels(positions_m(file), size)
    positions_px = Axes().fit(values, np.float64, "n 2", hdf5.label(file, Y_KEY), finite=True)
    if not hdf5.linked(file, INDEX_KEY):
        return positions_px, ()
    indexes = hdf5.array(file, INDEX_KEY).reshape(-1)
    order = np.argsort(indexes, kind="stable")
    if np.array_equal(indexes[order], np.arange(len(positions_px))):
        return positions_px[order], ()
    return positions_px, (f"{hdf5.name(file)} has positions of a part of the patterns only.",)


def _left_out(objects: NDArray[Any], probes: NDArray[Any]) -> list[str]:
    notices = []
    if objects.ndim == 3 and len(objects) > 1:
        notices.append(f"The object has {len(objects)} slices; the first was taken.")
    if probes.ndim == 4 and len(probes) > 1:
        notices.append(f"The probe has {len(probes)} variations (OPR); the first was taken.")
    return notices
