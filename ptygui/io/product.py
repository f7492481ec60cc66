"""What a Ptychodus product holds, as HDF5 or as .npz, for scans and results alike.

Layout: ptychodus/api/io.py (`ProductFileKeys`) and npz_product_file.py of Ptychodus. `probe_position_x_m`,
`probe_position_y_m` (n,) metres; `probe` (..., modes, H, W) and `object` (layers, rows, cols) complex with
their pixels and the centre of the object; row = (y - center_y) / pixel_height + rows / 2, and columns
alike. The .npz is flat; in HDF5 single values are attributes: those of probe and object stand at their
datasets without the prefix ('pixel_height_m' for 'object_pixel_height_m'), the others at the root.
"""

from __future__ import annotations

from typing import Any, Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.npz import NpzFile

MIN_PIXEL_M, MAX_PIXEL_M = 1e-13, 1e-2
"""From electrons to visible light, with room on both sides."""
Numbers = NDArray[np.integer[Any]]
X_KEY, Y_KEY, INDEX_KEY = "probe_position_x_m", "probe_position_y_m", "probe_position_indexes"


class Product(Protocol):
    """Values by the names that they have in the flat .npz."""

    name: str
    """Of the file, for messages."""

    def __contains__(self, key: str) -> bool:
        """Tell whether there is such an array."""
        ...

    def array(self, key: str) -> NDArray[Any]:
        """Read an array; raises ScanError."""
        ...

    def number(self, key: str) -> float | None:
        """Read a single finite number; None if there is none."""
        ...

    def text(self, key: str) -> str:
        """Read a text; empty if there is none."""
        ...

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        ...


class Hdf5Product:
    """A product in an open HDF5 file."""

    def __init__(self, file: h5py.File) -> None:
        self.name, self._file = hdf5.name(file), file

    def __contains__(self, key: str) -> bool:
        return hdf5.linked(self._file, key)

    def array(self, key: str) -> NDArray[Any]:
        """Read a dataset; raises ScanError."""
        return hdf5.array(self._file, key)

    def number(self, key: str) -> float | None:
        """Read an attribute of the probe, the object or the file."""
        for prefix in ("probe", "object"):
            own = key.removeprefix(f"{prefix}_")
            if own.startswith(("pixel_", "center_")) and own != key:
                return hdf5.number(hdf5.dataset(self._file, prefix), own) if prefix in self else None
        return hdf5.number(self._file, key)

    def text(self, key: str) -> str:
        """Read an attribute of the file; empty if it is damaged."""
        try:
            value = self._file.attrs.get(key, "")
        except (OSError, RuntimeError, KeyError, ValueError, TypeError):
            return ""
        return value if isinstance(value, str) else ""

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return hdf5.label(self._file, key)


class NpzProduct:
    """A product in an open .npz."""

    def __init__(self, file: NpzFile) -> None:
        self.name, self._file = file.path.name, file

    def __contains__(self, key: str) -> bool:
        return key in self._file

    def array(self, key: str) -> NDArray[Any]:
        """Read an array of numbers; raises ScanError."""
        values = self._file.array(key)
        if values.dtype.kind not in "buifc":
            raise ScanError(f"{self.label(key)} must hold numbers, not {values.dtype}.")
        return values

    def number(self, key: str) -> float | None:
        """Read an array of one."""
        if key not in self._file or self._file.header(key).dtype.kind not in "iuf":
            return None
        values = self._file.array(key).reshape(-1)
        return float(values[0]) if values.size == 1 and np.isfinite(values[0]) else None

    def text(self, key: str) -> str:
        """Read a text."""
        return self._file.text(key) or ""

    def label(self, key: str) -> str:
        """Return 'file, key ...' for messages."""
        return self._file.label(key)


def positions_m(product: Product) -> NDArray[np.float64]:
    """Read the positions, (n, 2) (y, x) metres; raises ScanError."""
    y, x = (product.array(key).reshape(-1) for key in (Y_KEY, X_KEY))
    if len(y) != len(x) or "c" in (x.dtype.kind, y.dtype.kind):
        raise ScanError(f"{product.name} has {len(y)} {Y_KEY} but {len(x)} {X_KEY}: each pattern needs both.")
    return np.stack([y, x], axis=1).astype(np.float64)


def pixel_size_m(product: Product) -> tuple[float, float]:
    """Read the object pixel (y, x) from the object, or else the probe, whose pixels are the same.

    Raises
    ------
    ScanError
        If neither has a sensible one.
    """
    for key in ("object", "probe"):
        height, width = (product.number(f"{key}_pixel_{side}_m") or 0.0 for side in ("height", "width"))
        if MIN_PIXEL_M < min(height, width) <= max(height, width) < MAX_PIXEL_M:
            return height, width
    raise ScanError(
        f"{product.name} gives positions in metres but no sensible pixel size: object or probe needs "
        "pixel_height_m and pixel_width_m."
    )


def object_origin_px(
    product: Product, shape: tuple[int, ...], pixel_size_m: tuple[float, float]
) -> tuple[float, float]:
    """Return the place (row, col) of element [0, 0] of the object (..., rows, cols), in pixels."""
    centre = [product.number(f"object_center_{axis}_m") or 0.0 for axis in "yx"]
    row, col = (c / pixel - n / 2 for c, pixel, n in zip(centre, pixel_size_m, shape[-2:], strict=False))
    return row, col


def geometry_of(product: Product) -> Reading:
    """Return energy and distance where they are told; Ptychodus writes 0 for unknown."""
    energy = product.number("photon_energy_eV") or product.number("probe_energy_eV") or 0.0
    distance = product.number("detector_object_distance_m") or 0.0
    return Reading(energy_ev=energy if energy > 0 else None, distance_m=distance if distance > 0 else None)


def places_of(product: Product, n: int, names: Numbers | None = None) -> NDArray[np.intp] | None:
    """Return where the pattern of each position stands among `n`, by the product's indexes; None: in order.

    Parameters
    ----------
    product : Product
    n : int
    names : (n,) int or None
        By what number the product means each pattern; None: by its place.

    Raises
    ------
    ScanError
        If it means patterns that are not there, or one twice.
    """
    if INDEX_KEY not in product:
        return None
    indexes = product.array(INDEX_KEY).reshape(-1)
    whole = indexes.dtype.kind in "iu" or (np.isfinite(indexes).all() and not (indexes % 1).any())
    known = np.arange(n) if names is None else names
    if not whole or len(np.unique(indexes)) != len(indexes) or not np.isin(indexes, known).all():
        reach = f"{known.min()} to {known.max()}"
        raise ScanError(f"{product.label(INDEX_KEY)} must name each pattern, {reach}, at most once.")
    order = np.argsort(known, kind="stable")
    return np.asarray(order[np.searchsorted(known[order], indexes)], np.intp)
