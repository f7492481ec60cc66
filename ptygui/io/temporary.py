"""Anonymous temporary files for patterns that must be unpacked once; the system deletes them on close."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ptygui.core.errors import ScanError
from ptygui.core.progress import Report, silent

__all__ = ["Report", "check_space", "scratch_file", "silent", "temporary_folder", "unpack"]

RESERVE_BYTES = 256 << 20
"""Disk space that unpacking leaves to others."""


@contextmanager
def scratch_file(what: str, expected_bytes: int) -> Iterator[BinaryIO]:
    """Create an anonymous temporary file, which vanishes when closed or when the process ends.

    On leaving the block the file stays open for the caller, who owns it; after an error it is closed.

    Parameters
    ----------
    what : str
        For messages, e.g. 'scan.npz'.
    expected_bytes : int
        How much will be written; free space is checked before.

    Raises
    ------
    ScanError
        If the disk is too full, or cannot be written.
    """
    folder = temporary_folder()
    check_space(folder, what, expected_bytes)
    try:
        file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - the caller closes it
    except OSError as error:
        raise _cannot_unpack(what, folder, error) from error
    try:
        yield file
        file.flush()
    except OSError as error:
        file.close()
        raise _cannot_unpack(what, folder, error) from error
    except BaseException:
        file.close()
        raise


def unpack(chunks: Iterable[bytes], what: str, expected_bytes: int = 0) -> BinaryIO:
    """Write chunks, in order, to a `scratch_file`; free space is checked again before each chunk.

    Raises
    ------
    ScanError
        If the disk is too full, or cannot be written.
    """
    folder = temporary_folder()
    with scratch_file(what, expected_bytes) as file:
        for chunk in chunks:
            check_space(folder, what, len(chunk))
            file.write(chunk)
    return file


def temporary_folder() -> Path:
    """Return the folder of temporary files: $TMPDIR if set, else a disk, because /tmp is often memory."""
    disk = Path("/var/tmp")
    if sys.platform == "linux" and "TMPDIR" not in os.environ and os.access(disk, os.W_OK):
        return disk
    return Path(tempfile.gettempdir())


def check_space(folder: Path, what: str, needed_bytes: int) -> None:
    """Raise ScanError unless `folder` has room for `needed_bytes` and a reserve."""
    free = shutil.disk_usage(folder).free
    if needed_bytes + RESERVE_BYTES > free:
        raise ScanError(
            f"{what} must be unpacked into {folder}, which has {free / 1e9:.1f} GB free and needs "
            f"{(needed_bytes + RESERVE_BYTES) / 1e9:.1f} GB: free some space or set TMPDIR to another disk."
        )


def _cannot_unpack(what: str, folder: Path, error: OSError) -> ScanError:
    return ScanError(f"{what} cannot be unpacked into {folder}: {error.strerror or error}.")
