"""What the user keeps under names: one TOML file each, in a folder of theirs."""

from __future__ import annotations

from pathlib import Path

import platformdirs

VISIBLE_TOML = "[!.]*.toml"
"""What is looked for in such a folder: files that are just being written, or were left so, are hidden."""


def user_folder(kind: str) -> Path:
    """Return the folder of the user's own files of a kind, e.g. 'presets'; it need not exist."""
    return Path(platformdirs.user_config_dir("ptygui", appauthor=False)) / kind


def file_of(name: str, folder: Path) -> Path:
    """Return the file that keeps what is called so: no slashes, no dots in front."""
    kept = "".join(sign if sign.isalnum() or sign in "-_ +" else "_" for sign in name)
    return folder / f"{kept.strip(' _') or 'unnamed'}.toml"
