"""HDF5 files of facilities whose format is no more than a list of paths: presets that come with ptygui.

The presets lie in resources/presets, each with its source; io.mapping tells what they can say.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ptygui.core.raw import RawScan
from ptygui.io.presets import read_by_preset, shipped_presets
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class ShippedPresetReader:
    """Whatever a shipped preset knows."""

    name: ClassVar[str] = "HDF5 by a preset"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".hdf", ".nxs", ".nx5")
    last: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell whether some preset knows it."""
        return shipped_presets().find(path) is not None

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read by the preset that knows it best; nothing is unpacked, so nothing is reported."""
        return read_by_preset(path, shipped_presets())
