"""Files that are either whole or absent: written beside their place, then moved there in one step."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BORN_S = time.time() - 2
"""Since then this process may have made temporary files; older ones were left by one that was killed. Two
seconds are what the coarsest file system rounds times to."""
_TEMPORARY = re.compile(r"\.(?P<stem>.+)\.[0-9a-f]{8}(?P<suffix>(\.[^.]+)?)")


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary path; move it to `path` when the block ends, remove it when the block raises.

    The temporary file lies in the same folder (a move across file systems is not atomic), is hidden, so
    that nobody who lists the folder takes it for the real one, and keeps the suffix, because libraries
    choose a format by it. Whatever was at `path` stays whole until the move (POSIX rename). What a killed
    process left of an earlier attempt is removed.

    Parameters
    ----------
    path : Path
    durable : bool
        Wait until the data are on the disk (fsync) before they take the name: then not even a loss of
        power leaves an empty file in the place of the older one.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full; `path` is then as it was.
    """
    remove_leftovers(path.parent, path.name)
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        if durable:
            _flush_to_disk(temporary)
        os.replace(temporary, path)  # noqa: PTH105  # the name says that an older file is replaced
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Remove temporary files of `replacing` that are older than this process; never raises OSError.

    Parameters
    ----------
    folder : Path
    name : str or None
        Of the file that they were to become; None: of any file.
    """
    with suppress(OSError):  # a courtesy: whether the folder can be written is for the writer to find out
        for path in list(folder.iterdir()):
            found = _TEMPORARY.fullmatch(path.name)
            if found is None or name not in (None, found["stem"] + found["suffix"]):
                continue
            if path.stat().st_mtime < _BORN_S:
                path.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
