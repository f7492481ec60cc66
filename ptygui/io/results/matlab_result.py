"""Reconstructions of fold_slice and PtychoShelves as .mat (reconstructions_as_mat.m and the GPU engine).

With MATLAB's axes: `object` (rows, cols[, layers]), `probe` (H, W[, modes[, variations]]), `p` a structure
with `dx_spec` metres (y, x), `lambda` metres and, of the engines of PtychoShelves, `positions` (n, 2): the
corners of the patches, (row, column) pixels of the object. fold_slice saves `outputs.probe_positions` (n, 2)
instead: (x, y) pixels about the middle of the object; the corner of a patch, counted from 0, is
y + ceil(rows / 2 - H / 2) - 1 (find_reconstruction_ROI.m). `outputs.fourier_error_out` is its curve.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import energy_ev
from ptygui.io.matlab import MatFile, number, open_mat, peek_variables
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_checks import ResultError
from ptygui.io.result_parts import left_out, object_image, pixel_size, positions_px, probe_modes
from ptygui.io.result_registry import register_result_reader

REFINED, CORNERS, SIZE, CURVE = (
    "outputs.probe_positions", "p.positions", "p.dx_spec", "outputs.fourier_error_out",
)  # fmt: skip


@register_result_reader
class MatlabResult:
    """What fold_slice or PtychoShelves saved of a reconstruction, any version of .mat."""

    name: ClassVar[str] = "fold_slice or PtychoShelves reconstruction (.mat)"
    extensions: ClassVar[tuple[str, ...]] = (".mat",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has an object, a probe and the structure p."""
        return {"object", "probe", "p"} <= peek_variables(path)

    def read(self, path: Path) -> Reconstruction:
        """Read; of layers and variations the first, and a notice says so."""
        with open_mat(path) as file:
            objects, probes = _images_last(file.array("object")), _images_last(file.array("probe"))
            probe = probe_modes(probes, file.label("probe"))
            corners = _corners(file, objects.shape[-2:], probe.shape[-2:])
            size = pixel_size(file.array(SIZE), file.label(SIZE)) if SIZE in file else None
            image = object_image(objects, file.label("object"), (0.0, 0.0), size)
            recipe = _recipe(file)
        notices = tuple(left_out(objects, probes))
        record = Provenance(program=PROGRAM, scan=path.stem, recipe=recipe, notices=notices)
        return record.reconstruction(image, probe, corners + np.array(probe.shape[1:]) // 2)


def _images_last(values: NDArray[Any]) -> NDArray[Any]:
    """Return (rows, cols, a, b) as (b, a, rows, cols), complex."""
    return np.asarray(np.swapaxes(values.T, -1, -2), np.complex128)


def _corners(file: MatFile, shape: tuple[int, ...], window: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the corners [0, 0] of the patches, (n, 2) (row, column) pixels of the object from 0."""
    if REFINED in file:
        about_middle = positions_px(file.array(REFINED), file.label(REFINED))[:, ::-1]
        return np.asarray(about_middle + np.ceil((np.array(shape) - np.array(window)) / 2) - 1, np.float64)
    if CORNERS in file:
        return positions_px(file.array(CORNERS), file.label(CORNERS))
    raise ResultError(f"{file.path.name} has neither {REFINED} nor {CORNERS}: save the whole reconstruction.")


def _recipe(file: MatFile) -> dict[str, Any]:
    wavelength_m = number(file, "p.lambda")
    recipe: dict[str, Any] = {"energy_ev": energy_ev(wavelength_m)} if wavelength_m else {}
    if CURVE in file:
        recipe["curves"] = {"Fourier error": np.real(file.array(CURVE)).reshape(-1).astype(float).tolist()}
    return recipe
