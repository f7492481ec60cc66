"""Reconstructions of PtychoShelves as .h5 or .cxs (extract4saving.m and write_dataset.m of its packages).

MATLAB transposes images before it writes their axes in reverse, so that here they lie upright:
`reconstruction/p/objects/object_<k>` (layers, rows, cols) and `reconstruction/p/probes/probe_<k>`
(modes, H, W), complex as a compound (r, i), as a group of two datasets `r` and `i`, or as two datasets
`object_<k>_r` and `object_<k>_i`. `reconstruction/p/positions`
(n, 2): the corners [0, 0] of the patches, (row, column) pixels of the object; `dx_spec` metres (y, x),
`energy` keV, `lambda` metres.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction
from ptygui.core.geometry import energy_ev
from ptygui.io import hdf5
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.hdf5_values import is_pair_of_floats, positive, real
from ptygui.io.provenance import PROGRAM, Provenance
from ptygui.io.result_checks import ResultError
from ptygui.io.result_parts import left_out, object_image, pixel_size, positions_px, probe_modes
from ptygui.io.result_registry import register_result_reader

P = "reconstruction/p"
OBJECT, PROBE = f"{P}/objects/object_0", f"{P}/probes/probe_0"
PAIR = ("_r", "_i")
FORMS = (("",), PAIR)
"""What may follow the name: nothing, or the real and the imaginary part apart."""


@register_result_reader
class PtychoShelvesResult:
    """What PtychoShelves saved of a reconstruction; of several objects the first."""

    name: ClassVar[str] = "PtychoShelves reconstruction (.h5)"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".cxs")

    def sniff(self, path: Path) -> bool:
        """Tell whether it has an object and a probe under PtychoShelves' names."""
        return all(
            any(hdf5.has(path, *(name + end for end in ends)) for ends in FORMS) for name in (OBJECT, PROBE)
        )

    def read(self, path: Path) -> Reconstruction:
        """Read; of layers the first, and a notice says so."""
        with hdf5.open_hdf5(path) as file:
            objects, probes = _complex(file, OBJECT), _complex(file, PROBE)
            probe = probe_modes(probes, hdf5.label(file, PROBE))
            corners = positions_px(_rows(real(file, f"{P}/positions")), hdf5.label(file, f"{P}/positions"))
            size = pixel_size(real(file, f"{P}/dx_spec"), hdf5.label(file, f"{P}/dx_spec"))
            image = object_image(objects, hdf5.label(file, OBJECT), (0.0, 0.0), size)
            notices = (*_several(file), *left_out(objects, probes))
            recipe = _recipe(file)
        record = Provenance(program=PROGRAM, scan=path.stem, recipe=recipe, notices=notices)
        return record.reconstruction(image, probe, corners + np.array(probe.shape[1:]) // 2)


def _complex(file: h5py.File, key: str) -> NDArray[Any]:
    """Read complex numbers in any of PtychoShelves' forms; real ones as they are."""
    with hdf5.reading(file, key):
        is_group = isinstance(file.get(key), h5py.Group)
    if is_group:
        return _joined(file, f"{key}/r", f"{key}/i")
    if not hdf5.linked(file, key):
        return _joined(file, *(key + end for end in PAIR))
    found = hdf5.dataset(file, key)
    if found.dtype.names is None:
        return hdf5.array(file, key)
    if not is_pair_of_floats(found.dtype, ("r", "i")):
        raise ResultError(f"{hdf5.label(file, key)} must hold complex numbers, not {found.dtype}.")
    if found.shape is None or found.nbytes > MAX_ARRAY_BYTES:
        raise ResultError(f"{hdf5.label(file, key)} has the shape {found.shape}: too large for this key.")
    with hdf5.reading(file, key):
        hdf5.check_whole(file, found)
        values = found[()]
    return np.asarray(values["r"] + 1j * values["i"])


def _joined(file: h5py.File, real_key: str, imaginary_key: str) -> NDArray[Any]:
    parts = real(file, real_key), real(file, imaginary_key)
    if parts[0].shape != parts[1].shape:
        raise ResultError(
            f"{hdf5.label(file, imaginary_key)} must have the shape {parts[0].shape} of its real part, not "
            f"{parts[1].shape}."
        )
    return np.asarray(parts[0] + 1j * parts[1])


def _rows(values: NDArray[Any]) -> NDArray[Any]:
    """Return (n, 2), also of what was written without MATLAB's reversal."""
    return values.T if values.ndim == 2 and values.shape[0] == 2 != values.shape[1] else values


def _several(file: h5py.File) -> list[str]:
    with hdf5.reading(file, f"{P}/objects"):
        count = len([name for name in file[f"{P}/objects"] if not str(name).endswith(PAIR[1])])
    return [f"The file has {count} objects; the first was taken."] if count > 1 else []


def _recipe(file: h5py.File) -> dict[str, Any]:
    wavelength_m, energy_kev = positive(file, f"{P}/lambda"), positive(file, f"{P}/energy")
    if energy_kev:
        return {"energy_ev": energy_kev * 1e3}
    return {"energy_ev": energy_ev(wavelength_m)} if wavelength_m else {}
