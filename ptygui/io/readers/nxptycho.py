"""NXptycho, also called NXcxi_ptycho (NXcxi_ptycho.nxdl.xml of NeXus' contributed definitions).

`/entry_1/definition` is 'NXptycho'. `instrument_1/detector_1` has `data` (n, H, W) or, for rasters, (rows,
columns, H, W) and `translation` (n, 3); `sample_1/transformations` the motors `x` and `y` (n,) or (rows,
columns); every length and energy its `units`. The frame is that of CXI (io.cxi).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.io import hdf5
from ptygui.io.cxi import DATA_KEYS, TRANSLATION_KEYS
from ptygui.io.nexus import Layout, definition_of, read_nexus
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

LAYOUT = Layout(
    data=(*DATA_KEYS[::-1], "entry_1/data/data"),
    translation=TRANSLATION_KEYS[::-1],
    motors=(
        ("entry_1/sample_1/transformations/y", "entry_1/sample_1/transformations/x"),
        ("entry_1/data/y", "entry_1/data/x"),
    ),
    energy_unit="",
)


@register_reader
class NxPtychoReader:
    """Scans of beamlines that follow NeXus."""

    name: ClassVar[str] = "NXptycho (NeXus)"
    extensions: ClassVar[tuple[str, ...]] = (".nxs", ".nex", ".cxi", ".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether the entry says that it follows the definition."""
        try:
            with hdf5.open_hdf5(path) as file:
                return bool(definition_of(file))
        except ScanError:
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        return read_nexus(path, LAYOUT, self.name)
