"""Results in Ptychodus' products as CXI; io.product_cxi tells the layout."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ptygui.core.events import Reconstruction
from ptygui.io.product_cxi import is_cxi_product
from ptygui.io.product_scan import open_product
from ptygui.io.result_registry import register_result_reader
from ptygui.io.results.ptychodus_product import read_product


@register_result_reader
class PtychodusCxiResult:
    """What Ptychodus exported as CXI."""

    name: ClassVar[str] = "Ptychodus product (.cxi)"
    extensions: ClassVar[tuple[str, ...]] = (".cxi",)

    def sniff(self, path: Path) -> bool:
        """Tell whether it has Ptychodus' own group, and an object."""
        return is_cxi_product(path)

    def read(self, path: Path) -> Reconstruction:
        """Read; of slices of the object and variations of the probe the first, and a notice says so."""
        with open_product(path) as product:
            return read_product(product, path.stem)
