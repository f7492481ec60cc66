"""Write a file for the user: wholly or not at all, and never over another one unasked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ptygui.core.atomic import replacing
from ptygui.core.errors import ExportError


@contextmanager
def new_file(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on leaving without error it becomes `path`.

    After an error, or if the process is killed, an older file is whole; after an error nothing is left
    behind. The data are on the disk (fsync) before the older file goes.

    Raises
    ------
    ExportError
        If the file exists and `overwrite` is False, or it cannot be written.
    """
    refuse_existing(path, overwrite=overwrite)
    try:
        with replacing(path, durable=True) as temporary:
            yield temporary
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}.") from error


def refuse_existing(*paths: Path, overwrite: bool) -> None:
    """Raise ExportError if one of the files exists and may not be replaced."""
    there = [path for path in paths if path.exists()]
    if there and not overwrite:
        raise ExportError(f"{there[0]} exists already: choose another name, or allow it to be overwritten.")
