"""Pairs of files: patterns in `<name>_dp.hdf5`, the rest in `<name>_para.hdf5`."""

from __future__ import annotations

from pathlib import Path

from ptygui.io import hdf5

PATTERNS, PARAMETERS = "_dp", "_para"


def partner(path: Path, own: str, other: str) -> Path:
    """Return the path of the other file of a pair; `own` and `other` are the ends of their names."""
    return path.with_name(f"{path.stem.removesuffix(own)}{other}{path.suffix}")


def is_fold_slice(path: Path) -> bool:
    """Tell whether it is a file of fold_slice's: with its names of positions, itself or its partner."""
    if hdf5.has(path, "ppX", "ppY"):
        return True
    return hdf5.has(path, "dp") and hdf5.has(partner(path, PATTERNS, PARAMETERS), "ppX", "ppY")
