"""Paired HDF5: patterns in `<name>_dp.hdf5`, the rest in `<name>_para.hdf5`.

Layout: pty-chi, tests/test_utils.py; PtychoPINN, specs/ptychovit_interop_contract.md.

`dp` (n, H, W) intensity, zero frequency in the centre. The other file may be any Ptychodus product: its
keys are told in io.product, its usual names in io.product_scan. Patterns alone can be read, too.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.hdf5_stack import open_stack
from ptygui.io.pairs import PARAMETERS, PATTERNS, is_fold_slice, partner
from ptygui.io.product import X_KEY, Y_KEY
from ptygui.io.product_scan import open_product, with_product, with_product_beside
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class PairedHdf5Reader:
    """Scans of Ptychodus, pty-chi and PtychoViT."""

    name: ClassVar[str] = "paired HDF5 (_dp and _para)"
    extensions: ClassVar[tuple[str, ...]] = (".hdf5", ".h5")

    def sniff(self, path: Path) -> bool:
        """Tell whether it is one of the two: with `dp`, or with positions in metres."""
        if hdf5.has(path, X_KEY, Y_KEY):
            return True
        return hdf5.has(path, "dp") and not is_fold_slice(path)

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read the pair from either of its files; nothing is unpacked, so nothing is reported."""
        patterns_path, product_path = _pair(path)
        with hdf5.open_hdf5(patterns_path) as file:
            frames = open_stack(file, "dp")
        raw = RawScan(
            name=patterns_path.stem.removesuffix(PATTERNS),
            path=str(patterns_path),
            format=self.name,
            frames=frames,
            positions=None,
            stated=Reading(quantity="intensity"),
        )
        if product_path is None:
            return with_product_beside(raw)
        raw = replace(raw, companions=(str(product_path),))
        with open_product(product_path) as product:
            return with_product(raw, product)


def _pair(path: Path) -> tuple[Path, Path | None]:
    """Return the paths of patterns and product, None if it is to be found; one file may hold both."""
    if hdf5.has(path, "dp"):
        return path, path if hdf5.has(path, X_KEY, Y_KEY) else None
    patterns_path = partner(path, PARAMETERS, PATTERNS)
    if not patterns_path.exists():
        raise ScanError(
            f"{path.name} is one of a pair, but {patterns_path.name} with its patterns is missing: "
            "put it into the same folder."
        )
    return patterns_path, path
