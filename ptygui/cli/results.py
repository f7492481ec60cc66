"""Recognising what ptygui exported itself: a result, not a scan."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np

PROGRAM = "ptygui"


def result_facts(path: Path) -> dict[str, object] | None:
    """Return the facts of a result that ptygui wrote as .npz or as product (.h5); None if it is none.

    The provenance that every export carries (ptygui.io.provenance) tells.
    """
    if zipfile.is_zipfile(path):
        found = _read_npz(path)
    elif path.is_file() and h5py.is_hdf5(path):
        found = _read_product(path)
    else:
        found = None
    return None if found is None else _facts(*found)


def _facts(shape: tuple[int, ...], record: dict[str, Any]) -> dict[str, object] | None:
    if record.get("program") != PROGRAM:
        return None
    rows, cols = shape[-2:]
    generator = record.get("recipe", {}).get("generator_name", "an unnamed generator")
    what = f"a ptygui result: object {rows} x {cols}, made by {generator} from {record.get('scan')}"
    return {"kind": "result", "what": what, **record}


def _read_npz(path: Path) -> tuple[tuple[int, ...], dict[str, Any]] | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays["object"].shape, _record(str(arrays["provenance"]))
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, zlib.error):
        return None  # not ours: whoever reads scans says what is wrong with it


def _read_product(path: Path) -> tuple[tuple[int, ...], dict[str, Any]] | None:
    try:
        with h5py.File(path, "r") as file:
            return file["object"].shape, _record(str(file.attrs["comments"]))
    except (KeyError, AttributeError, ValueError, OSError):
        return None


def _record(text: str) -> dict[str, Any]:
    """Read the provenance; ValueError if the text is something else, as others' comments are."""
    record = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError("no provenance")
    return record
