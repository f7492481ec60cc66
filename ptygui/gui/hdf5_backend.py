"""The backend of the HDF5 dialog in the real application: `jobs.api`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.scan import Scan
from ptygui.io.examiner import Request
from ptygui.jobs import api

if TYPE_CHECKING:
    from ptygui.io.suggest import Draft
    from ptygui.io.tree import Listing, Preview


class LocalHdf5:
    """Fulfils `presenters.hdf5_presenter.Hdf5Backend`; everything heavy is loaded where it is called.

    Parameters
    ----------
    examine : callable
        Told what is about to be done with a file; raises ScanError if that would do harm.
    """

    def __init__(self, examine: Callable[[Request], None] = lambda _: None) -> None:
        self._examine = examine

    def hdf5_tree(self, path: Path, key: str) -> Listing:
        """List a group; raises ScanError."""
        self._examine(Request(str(path), "nodes", key=key))
        return api.hdf5_tree(path, key)

    def hdf5_preview(self, path: Path, key: str, frame: int | None) -> Preview:
        """Look at a dataset; raises ScanError."""
        self._examine(Request(str(path), "preview", key=key, frame=frame))
        return api.hdf5_preview(path, key, frame)

    def suggest_mapping(self, path: Path) -> Draft:
        """Guess where things are; raises ScanError."""
        self._examine(Request(str(path), "suggest"))
        return api.suggest_mapping(path)

    def read_mapped(self, path: Path, mapping: Mapping) -> RawScan:
        """Read by a mapping; raises ScanError."""
        self._examine(Request(str(path), mapping=mapping))
        return api.read_mapped(path, mapping)

    def prepare(self, raw: RawScan, preparation: Preparation) -> Scan:
        """Interpret; raises ScanError."""
        return api.prepare(raw, preparation)

    def save_preset(self, mapping: Mapping, overwrite: bool) -> Path:
        """Keep a mapping; raises PresetError."""
        return api.save_preset(mapping, overwrite=overwrite)
