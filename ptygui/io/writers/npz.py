"""ptygui's own .npz: a result complete in one file that NumPy opens without pickles.

Keys: `object` (rows, cols) complex64, `covered` (rows, cols) bool, `origin_px` (row, col) of element [0, 0]
in the frame of `positions_px` (n, 2) (y, x), `pixel_size_m` (y, x) if known, `probe` (modes, H, W)
complex64, `provenance` JSON text with the recipe.

What a refinement leaves besides (core.evidence): `evidence_r1` (n,), `shifts_px` (n, 2) (y, x), and where
it is known `evidence_deviance` (n,), `intensities` (n,), `background` (H, W), `flat_residual` (R1, R2), and
`half_scan_frequency`, `half_scan_correlation`, `half_scan_half_bit` (rings,), `half_scan_pixel_size_m`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ptygui.core.events import StageResult
from ptygui.core.evidence import Evidence


def write_npz(path: Path, stage: StageResult, provenance: str, *, compressed: bool = True) -> None:
    """Write a stage of a result; `path` ends in '.npz' and is replaced if it exists.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    image = stage.image
    arrays: dict[str, Any] = {
        "object": image.values,
        "covered": image.covered,
        "origin_px": np.asarray(image.origin_px, np.float64),
        "pixel_size_m": image.pixel_size_m,
        "positions_px": stage.positions_px,
        "probe": stage.probe,
        "intensities": stage.intensities,
        "background": stage.background,
        "provenance": np.array(provenance),
    }
    if stage.evidence is not None:
        arrays |= _evidence_arrays(stage.evidence)
    known = {key: value for key, value in arrays.items() if value is not None}
    save = np.savez_compressed if compressed else np.savez
    save(path, allow_pickle=False, **known)


def _evidence_arrays(evidence: Evidence) -> dict[str, Any]:
    flat, half_scan = evidence.flat, evidence.half_scan
    arrays = {
        "evidence_r1": evidence.r1,
        "evidence_deviance": evidence.deviance,
        "shifts_px": evidence.shifts_px,
        "flat_residual": None if flat is None else (flat.r1, flat.r2),
    }
    if half_scan is None:
        return arrays
    return arrays | {
        "half_scan_frequency": half_scan.frequency,
        "half_scan_correlation": half_scan.correlation,
        "half_scan_half_bit": half_scan.half_bit,
        "half_scan_pixel_size_m": half_scan.pixel_size_m,
    }
