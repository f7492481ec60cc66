"""From what is typed to what is meant: generators by name or file."""

from __future__ import annotations

from pathlib import Path

from ptygui.core.errors import BundleError

BUNDLE = "bundle.safetensors"


def generator_path(name_or_file: str) -> Path:
    """Return the bundle that a name, a file or the folder of a training run names.

    Raises
    ------
    BundleError
        If there is neither.
    """
    path = Path(name_or_file)
    if path.is_file():
        return path
    if (path / BUNDLE).is_file():
        return path / BUNDLE
    if (path / "config.toml").is_file():
        raise BundleError(f"The training run {path} has no {BUNDLE} yet: let it end, or stop it first.")
    if path.suffix == ".safetensors" or len(path.parts) > 1:
        raise BundleError(f"There is no file {path}.")
    from ptygui.jobs.catalogue import read_catalogue

    return read_catalogue().find(name_or_file).path
