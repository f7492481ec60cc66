"""Files that other libraries take apart: what is damaged in them may crash or hang those, and us with them.

This module imports none of them, so that the window can ask at any time.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Of TIFF and BigTIFF, in either byte order (Adobe TIFF 6.0, section 2; BigTIFF has 43 for 42)."""
FABIO_ENDINGS = (
    ".cbf", ".edf", ".img", ".mccd", ".mar3450", ".mar2300", ".sfrm", ".gfrm", ".raxis", ".osc", ".marccd",
)  # fmt: skip
_FIRST_BLOCK = 512


def library_of(path: Path) -> str:
    """Say in words which library will take a file apart; empty for what ptygui reads itself. Never raises.

    Of a folder it is that of the files in it.
    """
    if path.is_dir():
        return "the library that reads it"
    if is_hdf5(path):
        return "the HDF5 library"
    if _start(path) in TIFF_MAGIC:
        return "the TIFF library"
    return "the library fabio" if path.suffix.lower() in FABIO_ENDINGS else ""


def is_hdf5(path: Path) -> bool:
    """Tell whether HDF5's signature is where the library looks for it: at byte 0, 512, 1024, 2048, ...

    MATLAB files of version 7.3 have it at 512. Never raises. Source: HDF5 File Format Specification 3.0,
    II.A, Disk Format: Level 0A.
    """
    with suppress(OSError), path.open("rb") as file:
        at, size = 0, path.stat().st_size
        while at < size:
            file.seek(at)
            if file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
                return True
            at = max(_FIRST_BLOCK, 2 * at)
    return False


def _start(path: Path) -> bytes:
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(TIFF_MAGIC[0]))
    return b""
