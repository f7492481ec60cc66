"""Write PtychoPINN's .npz, simulated and measured scans alike, so that they can be opened again.

Layout: PtychoPINN, specs/data_contracts.md and ptycho/raw_data.py. Patterns are counts
(`scale_contract_version` ci_intensity_v2), whole numbers as the smallest unsigned integer that holds them.
Coordinates are pixels of `objectGuess`; `bad_pixels` is (H, W) bool, as Ptychodus
writes it. What the format has no key for is kept under `ptygui_*`: name, pixel size, energy, distance,
detector pixel, and `ptygui_origin_px`, to be added to coordinates to get back the scan's own frame.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.new_file import new_file
from ptygui.io.writers.history import history_of
from ptygui.io.writers.stack import look, pattern_batches


def write_ptychopinn(scan: Scan, path: Path, *, overwrite: bool = False) -> None:
    """Write a scan as a compressed .npz; patterns pass through in batches.

    Raises
    ------
    ExportError
        If the file exists and `overwrite` is False, or cannot be written.
    ScanError
        If the scan's own file cannot be read.
    """
    with new_file(path, overwrite=overwrite) as temporary:
        for _ in write_ptychopinn_into(scan, temporary):
            pass


def write_ptychopinn_into(scan: Scan, path: Path) -> Iterator[Progress]:
    """Write a scan into a new file; tells how far, and closing the iterator ends it.

    Raises
    ------
    OSError
        If it cannot be written.
    ScanError
        If the scan's own file cannot be read.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        yield from write_npy_stack(archive, "diff3d", scan)
        write_members(archive, _small_arrays(scan))


def write_members(archive: zipfile.ZipFile, arrays: dict[str, Any]) -> None:
    """Write arrays, numbers and texts under their names, as numpy.savez does."""
    for key, value in arrays.items():
        with archive.open(f"{key}.npy", "w") as member:
            np.lib.format.write_array(member, np.asanyarray(value), allow_pickle=False)


def write_npy_stack(archive: zipfile.ZipFile, key: str, scan: Scan) -> Iterator[Progress]:
    """Write all patterns (n, H, W) as a member of an npz, batch by batch."""
    dtype = yield from look(scan)
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": scan.patterns.shape,
    }
    done = 0
    with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array_header_1_0(member, header)
        for patterns in pattern_batches(scan):
            member.write(patterns.astype(dtype).tobytes())
            done += len(patterns)
            yield Progress("Writing the patterns", done, len(scan))


def _small_arrays(scan: Scan) -> dict[str, Any]:
    image, metadata = scan.reference_object, scan.metadata
    origin = np.array(image.origin_px if image else (0.0, 0.0))
    y, x = (scan.positions_px - origin).T
    arrays = {
        "xcoords": x,
        "ycoords": y,
        "xcoords_start": x,
        "ycoords_start": y,
        "scan_index": np.zeros(len(scan), np.int64),
        "probeGuess": None if scan.probe is None else _without_single_mode(scan.probe),
        "objectGuess": None if image is None else image.values,
        "scale_contract_version": "ci_intensity_v2",
        "measurement_domain": "count_intensity",
        "_metadata": json.dumps(metadata.extra, default=str),
        "ptygui_name": metadata.name,
        "ptygui_origin_px": origin,
        "ptygui_pixel_size_m": metadata.pixel_size_m,
        "ptygui_energy_ev": metadata.energy_ev,
        "ptygui_distance_m": metadata.distance_m,
        "ptygui_detector_pixel_m": metadata.detector_pixel_m,
        "ptygui_history": history_of(scan),
        "bad_pixels": scan.bad_pixels,
    }
    return {key: value for key, value in arrays.items() if value is not None}


def _without_single_mode(probe: NDArray[np.complex64]) -> NDArray[np.complex64]:
    return probe[0] if len(probe) == 1 else probe
