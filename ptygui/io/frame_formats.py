"""Single frames in files of many kinds: TIFF by tifffile, others of detectors by fabio, HDF5.

fabio is an extra: without it a sentence tells how to get it.
"""

from __future__ import annotations

import importlib
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.io.canonical import MAX_ARRAY_BYTES
from ptygui.io.foreign import FABIO_ENDINGS
from ptygui.io.series import Load, load_hdf5_frame

TIFF_ENDINGS = (".tif", ".tiff")
HDF5_ENDINGS = (".h5", ".hdf5", ".nxs")
_CBF_START = b"###CBF"
_CBF_SECTION, _CBF_DATA = b"--CIF-BINARY-FORMAT-SECTION--", b"\x0c\x1a\x04\xd5"
"""Begin the header of the binary section of a CBF file, and its data (imgCIF dictionary)."""
_CBF_HEADER_BYTES = 8192
HDF5_KEY = "entry/data/data"
READ_ERRORS = (
    OSError, ValueError, TypeError, KeyError, IndexError, RuntimeError, ZeroDivisionError, OverflowError,
    AttributeError, NotImplementedError, MemoryError, AssertionError, EOFError, struct.error, zlib.error,
    UnicodeError, NameError,
)  # fmt: skip
"""What tifffile and fabio raise for damaged files."""


def load_tiff(path: Path) -> NDArray[Any]:
    """Read the first page of a TIFF file, (H, W); raises ScanError."""
    try:
        with tifffile.TiffFile(path) as file:
            return read_page(file.pages[0], path.stat().st_size, path.name)
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path}.") from error
    except READ_ERRORS as error:
        raise damaged(path.name, error) from error


def refuse_circle(file: tifffile.TiffFile, name: str) -> None:
    """Raise ScanError if the pages lead back to one of themselves: tifffile would follow them without end.

    It notices that only among the first hundred pages, and then leaves pages out. Source: Adobe TIFF 6.0,
    section 2: each directory ends with the place of the next one.
    """
    form, handle, met = file.tiff, file.filehandle, set[int]()
    at = file.pages.first.offset
    while 0 < at < handle.size:
        if at in met:
            raise ScanError(f"{name} is damaged, for its pages lead in a circle: copy it again.")
        met.add(at)
        try:
            handle.seek(at)
            (entries,) = struct.unpack(form.tagnoformat, handle.read(form.tagnosize))
            handle.seek(at + form.tagnosize + entries * form.tagsize)
            (at,) = struct.unpack(form.offsetformat, handle.read(form.offsetsize))
        except (struct.error, OSError):  # it ends here: the library takes the pages before that
            return


def read_page(page: Any, file_bytes: int, name: str) -> NDArray[Any]:
    """Read a page of a TIFF file, (H, W).

    Raises
    ------
    ScanError
        If it is no single image in grey, or declares more than there can be.
    """
    if len(page.shape) != 2 or np.dtype(page.dtype or "V").kind not in "buif":
        raise ScanError(f"{name} must hold frames in grey, (H, W), not {page.dtype} of shape {page.shape}.")
    size = int(np.prod(page.shape, dtype=object)) * np.dtype(page.dtype).itemsize
    if size > MAX_ARRAY_BYTES or (int(page.compression) == 1 and size > file_bytes):
        raise ScanError(f"{name} declares frames of {page.shape}, more than the file holds: copy it again.")
    return np.asarray(page.asarray())


def load_with_fabio(path: Path) -> NDArray[Any]:
    """Read a detector's frame (H, W) by fabio; raises ScanError if fabio is not installed, too."""
    try:
        with open_with_fabio(path) as image:
            return np.asarray(image.data)
    except ScanError:
        raise
    except Exception as error:  # fabio raises Exception itself
        raise damaged(path.name, error) from error


def open_with_fabio(path: Path) -> Any:
    """Return fabio's image of a file; raises ScanError if it is absent, damaged, or fabio not installed."""
    fabio = import_fabio(path.name)
    try:
        with path.open("rb") as file:
            is_cbf = file.read(len(_CBF_START)) == _CBF_START or path.suffix.lower() == ".cbf"
        if is_cbf and not _has_cbf_data(path.read_bytes()):
            raise ScanError(f"{path.name} has no binary data in it: copy it again.")
        return fabio.open(str(path))
    except FileNotFoundError as error:
        raise ScanError(f"There is no file {path}.") from error
    except READ_ERRORS as error:
        raise damaged(path.name, error) from error


def _has_cbf_data(content: bytes) -> bool:
    """Tell whether the data begin behind their header: else fabio would look for them without end."""
    section = content[:_CBF_HEADER_BYTES].find(_CBF_SECTION)
    return section >= 0 and content.find(_CBF_DATA, section) >= 0


def import_fabio(name: str) -> Any:
    """Return the module fabio; raises ScanError, naming what to install for the file `name`."""
    try:
        return importlib.import_module("fabio")
    except ImportError as error:
        raise ScanError(
            f"{name} is read with the package fabio, which is not installed: pip install 'ptygui[fabio]'."
        ) from error


def loader_for(ending: str) -> Load | None:
    """Return what reads single frames of files with an ending in small letters; None if nothing does."""
    if ending in TIFF_ENDINGS:
        return load_tiff
    if ending in FABIO_ENDINGS:
        return load_with_fabio
    return (lambda path: load_hdf5_frame(path, HDF5_KEY)) if ending in HDF5_ENDINGS else None


def damaged(name: str, error: Exception) -> ScanError:
    """Return the error for a frame that cannot be read."""
    reason = " ".join(str(error).split()).rstrip(".").replace(". ", "; ")[:200]
    return ScanError(f"{name} cannot be read ({reason or type(error).__name__}): copy it again.")
