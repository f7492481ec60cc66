"""The files that the steps of a preparation name: masks, darks, flats and probes as plain numbers.

NumPy's .npy and .npz, HDF5, MATLAB and TIFF; pickles are never loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tifffile
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.prepare_base import StoredProbe
from ptygui.io import hdf5
from ptygui.io.archive import is_bz2
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.foreign import HDF5_SIGNATURE, TIFF_MAGIC
from ptygui.io.frame_formats import refuse_circle
from ptygui.io.matlab import MatFile, open_mat
from ptygui.io.npy import HeaderError, read_header
from ptygui.io.npz import open_npz
from ptygui.io.step_probe import as_modes, probe_of_file

KEYS_NAMED = 12
"""How many names of arrays a message lists."""
_ZIP, _NPY, _MATLAB = b"PK\x03\x04", b"\x93NUMPY", b"MATLAB"


class StepFiles:
    """Reads the files that steps name (core.prepare_base.Loader).

    Parameters
    ----------
    folder : Path
        Where relative paths begin: that of the patterns.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def array(self, path: str, key: str, what: str) -> NDArray[Any]:
        """Read numbers, see `load_array`."""
        return load_array(self._folder / path, key, what)

    def probe(self, path: str, key: str) -> StoredProbe:
        """Read the probe of a scan, of a result, or under a name in a file.

        Raises
        ------
        ScanError
        """
        file = self._folder / path
        _start(file, "a probe")
        if not key:
            found = probe_of_file(file)
            if found is not None:
                return found
        return StoredProbe(as_modes(load_array(file, key, "a probe"), _label(file, key)), None)


def load_array(path: Path, key: str, what: str) -> NDArray[Any]:
    """Read an array of numbers.

    Parameters
    ----------
    path : Path
    key : str
        Its name in .npz, HDF5 and MATLAB files; empty: the only one with two or three axes.
    what : str
        For messages, e.g. 'a mask'.

    Returns
    -------
    Array of the file's own shape and type: bool, integers, real or complex numbers.

    Raises
    ------
    ScanError
        In one sentence that names file and key, what was expected, and what to do.
    """
    start = _start(path, what)
    values = _reader(path, start, what)(path, key, what)
    if values.dtype.kind not in "buifc":
        raise ScanError(f"{_label(path, key)} must be {what} of numbers, not {values.dtype}: choose another.")
    if values.size == 0:
        raise ScanError(f"{_label(path, key)} must be {what}, but it is empty: choose another.")
    return values


def _start(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path} with {what}: choose where it is.") from error
    except OSError as error:
        raise ScanError(f"{path} cannot be read as {what}: {error.strerror or error}.") from error


def _reader(path: Path, start: bytes, what: str) -> Callable[[Path, str, str], NDArray[Any]]:
    if start.startswith(_NPY):
        return _npy
    if start.startswith(_ZIP) or is_bz2(path):
        return _npz
    if start.startswith(TIFF_MAGIC):
        return _tiff
    if start.startswith(_MATLAB):
        return _matlab
    if start.startswith(HDF5_SIGNATURE):
        return _hdf5
    raise ScanError(
        f"{path.name} cannot be read as {what}: give an .npy, .npz, HDF5, MATLAB or TIFF file with numbers."
    )


def _npy(path: Path, _key: str, what: str) -> NDArray[Any]:
    try:
        with path.open("rb") as file:
            header = read_header(file)
            left = path.stat().st_size - header.size_bytes
            if header.data_bytes > min(left, MAX_ARRAY_BYTES):
                raise HeaderError(f"declares the shape {header.shape}, more than it holds or can be meant")
            data = file.read(header.data_bytes)
    except HeaderError as error:
        raise ScanError(f"{path.name} must be {what}, but it {error}.") from error
    except OSError as error:
        raise ScanError(f"{path} cannot be read as {what}: {error.strerror or error}.") from error
    return np.ndarray(header.shape, header.dtype, data, order="F" if header.fortran_order else "C")


def _npz(path: Path, key: str, what: str) -> NDArray[Any]:
    with open_npz(path) as file:
        if not key:
            shapes = {name: file.header(name).shape for name in file.keys}
            key = _only_one(path, shapes, what)
        return file.array(key)


def _hdf5(path: Path, key: str, what: str) -> NDArray[Any]:
    with hdf5.open_hdf5(path) as file:
        return hdf5.array(file, key or _only_one(path, _shapes(file), what))


def _shapes(file: h5py.File) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the datasets in a file; links are not followed."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and node.shape is not None:
            shapes[name] = node.shape

    file.visititems(note)
    return shapes


def _matlab(path: Path, key: str, what: str) -> NDArray[Any]:
    with open_mat(path) as file:
        return file.array(key or _only_one(path, _matlab_shapes(file), what))


def _matlab_shapes(file: MatFile) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the variables that hold numbers; those of the others are empty."""
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(file.keys, ())
    for key in sorted(file.keys)[:KEYS_NAMED]:
        with suppress(ScanError):  # words or structures
            shapes[key] = file.array(key).shape
    return shapes


def _tiff(path: Path, _key: str, what: str) -> NDArray[Any]:
    try:
        with tifffile.TiffFile(path) as file:
            refuse_circle(file, path.name)
            series = file.series[0]
            if series.nbytes > MAX_ARRAY_BYTES:
                raise ScanError(f"{path.name} has the shape {series.shape}, too large for {what}.")
            if series.keyframe.compression == 1 and series.nbytes > file.filehandle.size:
                raise ScanError(
                    f"{path.name} declares the shape {series.shape}, more than the file holds: copy it again."
                )
            return np.asarray(series.asarray())
    except ScanError:
        raise
    except Exception as error:
        raise ScanError(f"{path.name} is a damaged TIFF file ({error}): copy it again.") from error


def _only_one(path: Path, shapes: dict[str, tuple[int, ...]], what: str) -> str:
    """Return the name of the only array that can be meant."""
    images = [name for name, shape in shapes.items() if 2 <= len(shape) <= 3 and min(shape) > 0]
    if len(images) != 1:
        raise ScanError(f"{path.name} holds {len(images)} arrays: name {what} among {_listed(shapes)}.")
    return images[0]


def _listed(shapes: dict[str, tuple[int, ...]]) -> str:
    names = sorted(shapes)
    more = f" and {len(names) - KEYS_NAMED} more" if len(names) > KEYS_NAMED else ""
    return (", ".join(names[:KEYS_NAMED]) + more) or "nothing"


def _label(path: Path, key: str) -> str:
    return f"{path.name}, key {key}," if key else path.name
