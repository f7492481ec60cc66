"""HDF5 files, opened for reading without locks."""

from __future__ import annotations

from pathlib import Path


def why_no_scan(path: Path) -> str | None:
    """Say what an HDF5 file lacks to be a scan; None if it is no HDF5 file."""
    return None
