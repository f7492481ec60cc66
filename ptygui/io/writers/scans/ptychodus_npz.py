"""Ptychodus' npz: `<name>_dp.npz` with `patterns`, `indexes`, `bad_pixels`, and `<name>_para.npz`, a product.

Layout: plugins/npz_diffraction_file.py and npz_product_file.py of Ptychodus.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.product_parts import product_arrays
from ptygui.io.writers.ptychodus_scan import HOLDS, pair_of, product_of
from ptygui.io.writers.ptychopinn import write_members, write_npy_stack
from ptygui.io.writers.scan_registry import register_scan_writer


@register_scan_writer
class PtychodusNpzWriter:
    """The same two parts as the HDF5 pair, without HDF5."""

    name: ClassVar[str] = "ptychodus-npz"
    title: ClassVar[str] = "The npz pair of Ptychodus"
    endings: ClassVar[tuple[str, ...]] = ("_dp.npz",)
    holds: ClassVar[frozenset[str]] = HOLDS | {contents.BAD_PIXELS}
    wants: ClassVar[tuple[str, ...]] = (contents.PROBE,)
    needs_metres: ClassVar[bool] = True

    def targets(self, path: Path) -> tuple[Path, ...]:
        """Two files."""
        return pair_of(path)

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write the patterns in batches, then the product."""
        patterns, product = paths
        small: dict[str, Any] = {"indexes": np.arange(len(scan))}
        if scan.bad_pixels is not None:
            small["bad_pixels"] = scan.bad_pixels
        with zipfile.ZipFile(patterns, "w", zipfile.ZIP_DEFLATED) as archive:
            yield from write_npy_stack(archive, "patterns", scan)
            write_members(archive, small)
        with zipfile.ZipFile(product, "w", zipfile.ZIP_DEFLATED) as archive:
            write_members(archive, product_arrays(product_of(scan)))
