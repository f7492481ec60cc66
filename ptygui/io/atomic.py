"""Write a file wholly or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ptygui.core.errors import ExportError


@contextmanager
def atomic_path(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on leaving without error it becomes `path`.

    After an error, or if the process is killed, the old file is whole; after an error nothing is left
    behind. The data are on the disk (fsync) before the old file goes.

    Raises
    ------
    ExportError
        If the file exists and `overwrite` is False, or it cannot be written.
    """
    refuse_existing(path, overwrite=overwrite)
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield temporary
        _flush_to_disk(temporary)
        os.replace(temporary, path)  # noqa: PTH105 - named as what it is: the atomic step
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)
    if os.name == "posix":
        _flush_to_disk(path.parent)


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Raise ExportError if `path` exists and may not be replaced."""
    if path.exists() and not overwrite:
        raise ExportError(f"{path} exists already: choose another name, or allow it to be overwritten.")


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
