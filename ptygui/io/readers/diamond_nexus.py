"""NeXus of Diamond's ptychography beamlines (diamond_nexus.py of ptypy).

`/entry_1/data` has `data` (n, H, W) or (rows, columns, H, W), `x` (fast) and `y` (slow), (n,), (rows,
columns) or one axis each; `instrument_1` has `beam_1/energy`, `detector_1/{distance, x_pixel_size,
darkfield, flatfield}` and `monitor/data`. Units count where they are told; else lengths are metres and the
energy is keV, as ptypy has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.io import hdf5
from ptygui.io.nexus import Layout, definition_of, read_nexus
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

LAYOUT = Layout(
    data=("entry_1/data/data",),
    translation=(),
    motors=(("entry_1/data/y", "entry_1/data/x"),),
    energy_unit="kev",
)


@register_reader
class DiamondNexusReader:
    """Scans of I13 and I14 as ptypy's loader DiamondNexus takes them."""

    name: ClassVar[str] = "Diamond NeXus"
    extensions: ClassVar[tuple[str, ...]] = (".nxs", ".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether patterns and both motors stand in the first entry's data, by no other definition."""
        if not hdf5.has(path, *LAYOUT.data, *LAYOUT.motors[0]):
            return False
        try:
            with hdf5.open_hdf5(path) as file:
                return not definition_of(file)
        except ScanError:
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked, so nothing is reported."""
        return read_nexus(path, LAYOUT, self.name)
