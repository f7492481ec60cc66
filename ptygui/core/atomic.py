"""Files that are either whole or absent: written beside their place, then moved there in one step."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path; move it to `path` when the block ends, remove it when the block raises.

    The temporary file lies in the same folder (a move across file systems is not atomic), is hidden, so
    that nobody who lists the folder takes it for the real one, and keeps the suffix, because libraries
    choose a format by it. Whatever was at `path` stays whole until the move (POSIX rename).

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full; `path` is then as it was.
    """
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)  # noqa: PTH105  # the name says that an older file is replaced
    finally:
        temporary.unlink(missing_ok=True)
