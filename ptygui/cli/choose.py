"""From what is typed to what is meant: generators by name or file."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import BundleError


def generator_path(name_or_file: str) -> Path:
    """Return the bundle that a name or a file names.

    Raises
    ------
    BundleError
        If there is neither.
    """
    path = Path(name_or_file)
    if path.is_file():
        return path
    if path.suffix == ".safetensors" or len(path.parts) > 1:
        raise BundleError(f"There is no file {path}.")
    from ptygui.jobs.catalogue import read_catalogue

    return read_catalogue().find(name_or_file).path
