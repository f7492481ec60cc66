"""Patterns that Ptychodus saved as .npz (npz_diffraction_file.py of Ptychodus).

`patterns` (n, H, W) intensity as the detector counted it, `indexes` (n,) int: the number of each pattern in
the scan, `bad_pixels` (H, W) bool, True = bad. Positions and all else stand in a product (io.product).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io.archive import peek_keys
from ptygui.io.npz import NpzFile, open_npz
from ptygui.io.product import Numbers
from ptygui.io.product_scan import with_product_beside
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class PtychodusNpzReader:
    """Diffraction data of Ptychodus; a product beside them gives their positions."""

    name: ClassVar[str] = "Ptychodus diffraction (.npz)"
    extensions: ClassVar[tuple[str, ...]] = (".npz",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has patterns and their indexes under Ptychodus' names."""
        keys = peek_keys(path)
        return "patterns" in keys and bool(keys & {"indexes", "bad_pixels"})

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; without a product beside the file there are no positions."""
        with open_npz(path, report) as file:
            frames = file.stack("patterns")
            names = _names(file, frames.shape[0])
            raw = RawScan(
                name=path.stem,
                path=str(path),
                format=self.name,
                frames=frames,
                positions=None,
                stated=Reading(quantity="intensity"),
                bad_pixels=_bad_pixels(file, frames.shape[1:]),
            )
        return with_product_beside(raw, names)


def _names(file: NpzFile, n: int) -> Numbers | None:
    if "indexes" not in file:
        return None
    indexes = file.array("indexes").reshape(-1)
    if indexes.dtype.kind not in "iu" or len(indexes) != n or len(np.unique(indexes)) != n:
        raise ScanError(f"{file.label('indexes')} must number each of the {n} patterns, each differently.")
    return indexes


def _bad_pixels(file: NpzFile, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    if "bad_pixels" not in file:
        return None
    values = file.array("bad_pixels")
    if values.shape != shape or values.dtype.kind not in "bui":
        raise ScanError(
            f"{file.label('bad_pixels')} must be a mask of shape {shape} like the patterns, "
            f"not {values.dtype} of shape {values.shape}."
        )
    return np.asarray(values != 0)
