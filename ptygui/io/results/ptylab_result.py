"""Reconstructions of PtyLab, .hdf5 (saveResults in Reconstruction.py of PtyLab.py).

`object` and `probe`: complex (wavelengths, object modes, probe modes, slices, rows, cols), or without the
axes of length 1. `encoder_corrected` (n, 2) metres (row, column): encoder / `dxp` + No // 2 is the centre of
a patch in an object of No pixels. `wavelength`, `zo`, `dxp` (pixel) metres; `error` is the curve. Older
files have no positions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import energy_ev, to_pixels
from ptygui.io import hdf5
from ptygui.io.hdf5_values import positive, real
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_parts import left_out, object_image, pixel_size, positions_px, probe_modes
from ptygui.io.result_registry import register_result_reader

POSITIONS = "encoder_corrected"
AXES = 6


@register_result_reader
class PtyLabResult:
    """What PtyLab saved of a reconstruction."""

    name: ClassVar[str] = "PtyLab reconstruction (.hdf5)"
    extensions: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has object, probe and PtyLab's pixel."""
        return hdf5.has(path, "object", "probe", "dxp", "zo")

    def read(self, path: Path) -> Reconstruction:
        """Read; of wavelengths, object modes and slices the first, and a notice says so."""
        with hdf5.open_hdf5(path) as file:
            objects, probes = hdf5.array(file, "object"), _modes_before_images(hdf5.array(file, "probe"))
            size = pixel_size(real(file, "dxp"), hdf5.label(file, "dxp"))
            rows, cols = objects.shape[-2:] if objects.ndim > 1 else (0, 0)
            origin = (-float(rows // 2), -float(cols // 2))
            image = object_image(objects, hdf5.label(file, "object"), origin, size)
            probe = probe_modes(probes, hdf5.label(file, "probe"))
            places, missing = _positions_px(file, size)
            notices = (*left_out(objects, probes), *missing)
            recipe = _recipe(file)
        record = Provenance(program=PROGRAM, scan=path.stem, recipe=recipe, notices=notices)
        return record.reconstruction(image, probe, places)


def _modes_before_images(values: NDArray[Any]) -> NDArray[Any]:
    """Return a probe with its modes on the third axis from the end; slices go before them."""
    return np.swapaxes(values, 2, 3) if values.ndim == AXES else values


def _positions_px(file: h5py.File, size: tuple[float, float]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the positions, none where PtyLab did not save them, and what is to be said."""
    if not hdf5.linked(file, POSITIONS):
        return np.zeros((0, 2)), ("The file has no positions: PtyLab did not save them.",)
    with np.errstate(over="ignore"):
        values = to_pixels(positions_px(real(file, POSITIONS), hdf5.label(file, POSITIONS)), size)
    return positions_px(values, hdf5.label(file, POSITIONS)), ()


def _recipe(file: h5py.File) -> dict[str, Any]:
    wavelength_m, distance_m = _first(file, "wavelength"), positive(file, "zo")
    recipe: dict[str, Any] = {"energy_ev": energy_ev(wavelength_m)} if wavelength_m else {}
    if distance_m:
        recipe["distance_m"] = distance_m
    if hdf5.linked(file, "error"):
        recipe["curves"] = {"error": real(file, "error").reshape(-1).astype(float).tolist()}
    return recipe


def _first(file: h5py.File, key: str) -> float | None:
    values = real(file, key).reshape(-1) if hdf5.linked(file, key) else np.zeros(0)
    return float(values[0]) if values.size and np.isfinite(values[0]) and values[0] > 0 else None
