"""Which pixels of PtychoShelves' prepared data were not measured; the layout is told in its readers."""

from __future__ import annotations

from collections.abc import Iterable

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io import hdf5
from ptygui.io.hdf5_values import real


def bad_pixels(file: h5py.File, scans: list[str], shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return the pixels that are bad in any frame of the scans `n<k>`, (H, W); None if there are none."""
    bad = np.zeros(shape, np.bool_)
    for scan in scans:
        bad |= outside_modules(file, f"detector/{scan}/modules", shape)
        bad |= listed(file, (f"detector/{scan}/bad_pixels", f"measurement/{scan}/bad_pixels"), shape)
    return bad if bad.any() else None


def outside_modules(file: h5py.File, key: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels that belong to no module of the detector; without a list of modules, none."""
    if not hdf5.linked(file, key):
        return np.zeros(shape, np.bool_)
    modules = _table(file, key, 4)
    good = np.zeros(shape, np.bool_)
    for rows, cols, top, left in modules:
        good[top : top + rows, left : left + cols] = True
    if not good.any():
        raise ScanError(f"{hdf5.label(file, key)} leaves no pixel of frames {shape}: prepare the data again.")
    return ~good


def listed(file: h5py.File, keys: Iterable[str], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels that the lists of (row, column) name; lists that are absent or empty name none."""
    bad = np.zeros(shape, np.bool_)
    for key in keys:
        if not hdf5.linked(file, key) or not real(file, key).size:
            continue
        places = _table(file, key, 2)
        if (places >= np.array(shape)).any():
            raise ScanError(f"{hdf5.label(file, key)} names pixels outside of frames {shape}.")
        bad[places[:, 0], places[:, 1]] = True
    return bad


def _table(file: h5py.File, key: str, columns: int) -> NDArray[np.intp]:
    """Read rows of `columns` whole numbers; a table that lies on its side is turned."""
    values = np.atleast_2d(real(file, key))
    if values.ndim == 2 and values.shape[1] != columns == values.shape[0]:
        values = values.T
    whole = np.isfinite(values).all() and (values >= 0).all() and not (values % 1).any()
    if values.ndim != 2 or values.shape[1] != columns or not whole or (values.astype("f8") > 1 << 31).any():
        raise ScanError(
            f"{hdf5.label(file, key)} must hold rows of {columns} whole numbers, not {values.dtype} of shape "
            f"{values.shape}."
        )
    return values.astype(np.intp)
