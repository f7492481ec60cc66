"""Ptychodus' products as CXI (cxi_file.py of Ptychodus).

`/entry_1/image_1/data` is the probe, `image_2/data` the object, `sample_1/geometry_1/translation` (n, 3)
the probe positions x, y, z in metres; what CXI has no name for lies in `/entry_1/ptychodus` under the names
of a flat product (io.product).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.hdf5_facts import Facts
from ptygui.io.product import X_KEY, Y_KEY
from ptygui.io.units import ENERGIES, LENGTHS

OWN = "entry_1/ptychodus"
TRANSLATION = "entry_1/sample_1/geometry_1/translation"
PLACES = {"probe": "entry_1/image_1/data", "object": "entry_1/image_2/data"}
TEXTS = {"name": "entry_1/title", "comments": "entry_1/experiment_description"}
COLUMNS = {X_KEY: 0, Y_KEY: 1}


def is_cxi_product(path: Path) -> bool:
    """Tell whether it has Ptychodus' own group, and an object."""
    return hdf5.has(path, OWN, PLACES["object"], TRANSLATION)


class CxiProduct:
    """A product in an open CXI file."""

    def __init__(self, file: h5py.File) -> None:
        self.name, self._facts = hdf5.name(file), Facts(file)

    def __contains__(self, key: str) -> bool:
        return hdf5.linked(self._facts.file, self._place(key))

    def array(self, key: str) -> NDArray[Any]:
        """Read a dataset, or a column of the translation; raises ScanError."""
        values = hdf5.array(self._facts.file, self._place(key))
        if key not in COLUMNS:
            return values
        if values.ndim != 2 or values.shape[1] < 2:
            raise ScanError(f"{self.label(key)} must be positions (n, 3), not of shape {values.shape}.")
        return np.asarray(values[:, COLUMNS[key]])

    def number(self, key: str) -> float | None:
        """Read a number; lengths and the energy have places of their own."""
        if key == "photon_energy_eV":
            return self._facts.quantity(("entry_1/instrument_1/source_1/energy",), ENERGIES, "j")
        if key == "detector_object_distance_m":
            return self._facts.quantity(("entry_1/instrument_1/detector_1/distance",), LENGTHS, "m")
        values = hdf5.array(self._facts.file, self._place(key)).reshape(-1) if key in self else np.empty(0)
        is_one = values.size == 1 and values.dtype.kind in "iuf" and bool(np.isfinite(values[0]))
        return float(values[0]) if is_one else None

    def text(self, key: str) -> str:
        """Read a text."""
        return self._facts.text(TEXTS[key])

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return hdf5.label(self._facts.file, self._place(key))

    def _place(self, key: str) -> str:
        return TRANSLATION if key in COLUMNS else PLACES.get(key, f"{OWN}/{key}")
