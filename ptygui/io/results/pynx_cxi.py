"""PyNX' reconstructions, .cxi (save_obj_probe_cxi in pynx/ptycho/ptycho.py of PyNX).

The last `entry_<n>` counts. `result_1/data` is the object (layers, rows, cols) complex, `result_2/data` the
probe (modes, H, W), both saved upside down: turned back, rows run with y and belong to the patterns as PyNX
takes them. `result_1` has `x_pixel_size`, `y_pixel_size` metres, `col_coords` and `row_coords` with
`units`, and `mask`: 0x1000 where it was scanned. `result_5/data` (4, n) is x, y metres, and how far they
moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.events import Reconstruction
from ptygui.core.geometry import to_pixels
from ptygui.core.scan import ObjectImage
from ptygui.io import hdf5
from ptygui.io.hdf5_facts import Facts
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_checks import Axes, ResultError
from ptygui.io.result_parts import measured
from ptygui.io.result_registry import register_result_reader
from ptygui.io.units import LENGTHS, energy_of_wavelength

PARTS = ("result_1/data", "result_2/data", "result_5/data")
"""Object, probe, positions."""


@register_result_reader
class PynxCxiResult:
    """What PyNX saved of a reconstruction."""

    name: ClassVar[str] = "PyNX reconstruction (.cxi)"
    extensions: ClassVar[tuple[str, ...]] = (".cxi",)

    def sniff(self, path: Path) -> bool:
        """Tell whether an entry has an object, a probe and positions where PyNX saves them."""
        try:
            with hdf5.open_hdf5(path) as file:
                return _last_entry(file) is not None
        except ScanError:
            return False

    def read(self, path: Path) -> Reconstruction:
        """Read the last entry; of layers of the object the first, and a notice says so."""
        with hdf5.open_hdf5(path) as file:
            entry = _last_entry(file)
            if entry is None:
                raise ResultError(f"{path.name} has no entry with {', '.join(PARTS)}: copy it again.")
            facts = Facts(file)
            size = _pixel_size_m(facts, entry)
            layers = hdf5.array(file, f"{entry}/{PARTS[0]}")
            image = _image(facts, entry, layers, size)
            probe = _probe(file, f"{entry}/{PARTS[1]}")
            positions_px = _positions_px(file, f"{entry}/{PARTS[2]}", size)
            record = Provenance(
                program=PROGRAM,
                scan=facts.text(f"{entry}/sample_1/name") or path.stem,
                recipe=_recipe(facts, entry),
                notices=(*_left_out(layers), *facts.notes),
            )
        return record.reconstruction(image, probe, positions_px)


def _last_entry(file: h5py.File) -> str | None:
    """Return the entry of the highest number that has all parts."""
    names = [str(name) for name in file if name.startswith("entry_") and name[6:].isdecimal()]
    for name in sorted(names, key=lambda name: int(name[6:]), reverse=True):
        if all(hdf5.linked(file, f"{name}/{part}") for part in PARTS):
            return name
    return None


def _pixel_size_m(facts: Facts, entry: str) -> tuple[float, float]:
    """Return the object pixel (y, x)."""
    height, width = (facts.quantity((f"{entry}/result_1/{axis}_pixel_size",), LENGTHS, "m") for axis in "yx")
    if height is None or width is None:
        raise ResultError(
            f"{hdf5.label(facts.file, f'{entry}/result_1')} must have x_pixel_size and y_pixel_size."
        )
    return height, width


def _image(facts: Facts, entry: str, layers: NDArray[Any], size: tuple[float, float]) -> ObjectImage:
    """Turn the object back; where PyNX says what was scanned the rest does not count."""
    label = hdf5.label(facts.file, f"{entry}/{PARTS[0]}")
    layer = layers[0] if layers.ndim == 3 and len(layers) else layers
    values = Axes().fit(layer, np.complex64, "rows cols", label)
    scanned = facts.mask((f"{entry}/result_1/mask",), values.shape, lambda mask: np.asarray(mask != 0))
    covered = measured(values) if scanned is None else np.isfinite(values) & scanned
    origin = [
        _start_m(facts, f"{entry}/result_1/{name}", pixel, length) / pixel
        for name, pixel, length in zip(("row_coords", "col_coords"), size, values.shape, strict=True)
    ]
    return ObjectImage(
        np.where(covered, values, 0)[::-1].copy(), covered[::-1].copy(), (origin[0], origin[1]), size
    )


def _start_m(facts: Facts, key: str, pixel: float, length: int) -> float:
    """Return the smallest coordinate along an axis; without coordinates the object lies about 0."""
    if not hdf5.linked(facts.file, key):
        return -length * pixel / 2
    values, unit = hdf5.array(facts.file, key), facts.unit(key, "m")
    if values.shape != (length,) or values.dtype.kind not in "iuf" or unit not in LENGTHS:
        raise ResultError(
            f"{hdf5.label(facts.file, key)} must be {length} lengths, not {values.dtype} of shape "
            f"{values.shape} in '{unit}'."
        )
    start = float(values.min()) * LENGTHS[unit]
    if not np.isfinite(start):
        raise ResultError(f"{hdf5.label(facts.file, key)} holds values that are not finite numbers.")
    return start


def _probe(file: h5py.File, key: str) -> NDArray[np.complex64]:
    values = hdf5.array(file, key)
    modes = values[np.newaxis] if values.ndim == 2 else values
    return Axes().fit(modes, np.complex64, "modes H W", hdf5.label(file, key), finite=True)[:, ::-1].copy()


def _positions_px(file: h5py.File, key: str, size: tuple[float, float]) -> NDArray[np.float64]:
    values = hdf5.array(file, key)
    if values.ndim != 2 or len(values) < 2 or values.dtype.kind not in "iuf":
        raise ResultError(
            f"{hdf5.label(file, key)} must be positions and shifts (4, n), not {values.dtype} of shape "
            f"{values.shape}."
        )
    with np.errstate(over="ignore"):
        values_px = to_pixels(values[1::-1].T.astype(np.float64), size)
    return Axes().fit(values_px, np.float64, "n 2", hdf5.label(file, key), finite=True)


def _left_out(layers: NDArray[Any]) -> list[str]:
    if layers.ndim != 3 or len(layers) < 2:
        return []
    return [f"The object has {len(layers)} layers; the first was taken."]


def _recipe(facts: Facts, entry: str) -> dict[str, Any]:
    """Tell the geometry; the wavelength, because the energy is 1e10 too large in files before 2018-10-12."""
    told = {
        "energy_ev": energy_of_wavelength(
            facts.quantity((f"{entry}/instrument_1/beam_1/incident_wavelength",), LENGTHS, "m")
        ),
        "distance_m": facts.quantity((f"{entry}/instrument_1/detector_1/distance",), LENGTHS, "m"),
        "process": facts.text(f"{entry}/process_1/command") or None,
    }
    return {key: value for key, value in told.items() if value is not None}
