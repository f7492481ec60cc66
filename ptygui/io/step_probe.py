"""The probe of any file: of a scan, of a result of any program, or as plain numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.prepare_base import StoredProbe


def probe_of_file(path: Path) -> StoredProbe | None:
    """Return the probe of a result or of a scan; None if the file is neither.

    Raises
    ------
    ScanError
        If it is one of them, but damaged or without a probe.
    """
    from ptygui.io.result_registry import find_result_reader

    reader = find_result_reader(path)
    if reader is not None:
        stage = reader.read(path).best
        return StoredProbe(stage.probe, stage.image.pixel_size_m)
    return _probe_of_scan(path)


def _probe_of_scan(path: Path) -> StoredProbe | None:
    from ptygui.io import registry  # it applies the steps that need this module

    if not any(reader.sniff(path) for reader in registry.list_readers()):
        return None
    raw = registry.open_raw(path)
    if raw.probe is None:
        raise ScanError(f"{path.name} is a scan without a probe: choose another file.")
    try:
        pixel = registry.prepare(raw, Preparation()).metadata.pixel_size_m
    except IncompleteScanError:
        pixel = raw.stated.pixel_size_m
    return StoredProbe(raw.probe, pixel)


def as_modes(values: NDArray[Any], label: str) -> NDArray[np.complex64]:
    """Return a probe (modes, H, W) of an array with at least two axes; of leading ones the first entry.

    Raises
    ------
    ScanError
        If it is no image, or has values that are not finite.
    """
    while values.ndim > 3:
        values = values[0]
    if values.ndim == 3 and values.shape[0] == values.shape[1] != values.shape[2]:
        values = np.moveaxis(values, 2, 0)  # (H, W, modes)
    if values.ndim < 2 or min(values.shape[-2:]) < 2 or values.dtype.kind not in "fc":
        raise ScanError(
            f"{label} must be a probe, complex of shape (modes, rows, columns), not {values.dtype} of shape "
            f"{values.shape}."
        )
    if not np.isfinite(values).all() or not values.any():
        raise ScanError(f"{label} must be a probe, but it is empty or not finite everywhere.")
    return np.array(values, np.complex64, ndmin=3)
