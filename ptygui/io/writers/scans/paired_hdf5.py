"""Paired HDF5 of pty-chi, PtychoViT and Ptychodus: `<name>_dp.h5` with `dp`, `<name>_para.h5` a product.

Layout: pty-chi, tests/test_utils.py; PtychoPINN, specs/ptychovit_interop_contract.md; writers.product_parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from ptygui.core.events import Progress
from ptygui.core.scan import Scan
from ptygui.io.writers import contents
from ptygui.io.writers.product_parts import write_product_hdf5
from ptygui.io.writers.ptychodus_scan import HOLDS, pair_of, product_of
from ptygui.io.writers.scan_registry import register_scan_writer
from ptygui.io.writers.stack import new_hdf5


@register_scan_writer
class PairedHdf5Writer:
    """Ptychodus opens the first as diffraction data and the second as a product."""

    name: ClassVar[str] = "ptychodus"
    title: ClassVar[str] = "The HDF5 pair of Ptychodus and pty-chi"
    endings: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")
    holds: ClassVar[frozenset[str]] = HOLDS
    wants: ClassVar[tuple[str, ...]] = (contents.PROBE,)
    needs_metres: ClassVar[bool] = True

    def targets(self, path: Path) -> tuple[Path, ...]:
        """Two files."""
        return pair_of(path)

    def write(self, scan: Scan, paths: Sequence[Path]) -> Iterator[Progress]:
        """Write the patterns in batches, then the product."""
        patterns, product = paths
        with new_hdf5(patterns) as new:
            yield from new.write_stack("dp", scan)
        with new_hdf5(product) as new:
            write_product_hdf5(new.file, product_of(scan))
