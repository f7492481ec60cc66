"""HDF5 files that the user opened by hand once and kept the way of: the user's own presets."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ptygui.core.raw import RawScan
from ptygui.io.presets import own_presets, read_by_preset
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent


@register_reader
class OwnPresetReader:
    """Whatever a preset of the user knows; asked before all others, because the user said so.

    Parameters
    ----------
    folder : Path or None
        Where the presets lie; None: the usual folder of the user.
    """

    name: ClassVar[str] = "HDF5 by a preset of yours"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5", ".hdf", ".nxs", ".nx5", ".mat")
    first: ClassVar[bool] = True

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def sniff(self, path: Path) -> bool:
        """Tell whether some preset knows it."""
        return own_presets(self._folder).find(path) is not None

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read by the preset that knows it best; what is wrong with other presets is a note."""
        return read_by_preset(path, own_presets(self._folder))
