"""Folders of frames: TIFF, HDF5 with `/entry/data/data` (APS 2-ID, 12-ID), CBF, EDF and others by fabio.

The frames are those of the most frequent ending that are called alike, in the natural order of their names;
scans of APS 12-ID in one folder, `<prefix>_<scan>_<line>_<point>`, are told apart.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import ClassVar

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.core.scan import PatternSource
from ptygui.io.frame_formats import HDF5_ENDINGS, HDF5_KEY, TIFF_ENDINGS, loader_for
from ptygui.io.hdf5 import has, open_hdf5
from ptygui.io.hdf5_frames import open_frames
from ptygui.io.joined import join
from ptygui.io.readers.tiff_stack import open_tiff
from ptygui.io.registry import register_reader
from ptygui.io.series import called_alike, missing_points, open_series
from ptygui.io.temporary import Report, silent

_MANY = 200
"""TIFF files with several frames each that are open at once."""


@register_reader
class FrameFolderReader:
    """A folder of frames, one or more a file; positions are elsewhere."""

    name: ClassVar[str] = "folder of frames"
    extensions: ClassVar[tuple[str, ...]] = ()
    folders: ClassVar[bool] = True
    last: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell by the endings of the files in the folder."""
        try:
            return path.is_dir() and bool(frame_files(path))
        except OSError:
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; some of the frames are looked at."""
        files = frame_files(path)
        if not files:
            raise ScanError(f"{path} has no frames in it: choose a folder with TIFF, CBF, EDF or HDF5 files.")
        return RawScan(
            name=path.name,
            path=str(path),
            format=f"{self.name} ({files[0].suffix.lower()})",
            frames=_frames(files, report),
            positions=None,
            stated=Reading(),
            notes=(*_left_out(path, files), *missing_points(files)),
        )


def frame_files(folder: Path) -> list[Path]:
    """Return the files of frames in a folder, in natural order: those of the most frequent ending."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    counts = Counter(path.suffix.lower() for path in files if loader_for(path.suffix.lower()))
    if not counts:
        return []
    ending = max(counts, key=lambda one: (counts[one], one))
    found = called_alike([path for path in files if path.suffix.lower() == ending])
    return found if ending not in HDF5_ENDINGS or has(found[0], HDF5_KEY) else []


def _left_out(folder: Path, files: list[Path]) -> tuple[str, ...]:
    """Say which files of the same ending belong to something else."""
    ending = files[0].suffix.lower()
    alike = [path for path in folder.iterdir() if path.suffix.lower() == ending]
    here = set(files)
    others = sorted(path.name for path in alike if path not in here)
    if not others:
        return ()
    return (f"{len(others):,} files are called otherwise than {files[0].name} and left out: {others[0]} …",)


def _frames(files: list[Path], report: Report) -> PatternSource:
    ending = files[0].suffix.lower()
    if _open_whole(files[0], ending).shape[0] > 1:
        if len(files) > _MANY and ending in TIFF_ENDINGS:
            raise ScanError(
                f"{files[0].parent} has {len(files):,} files with several frames each; at most {_MANY} can "
                "be open at once: join them, or put those of one scan into a folder of their own."
            )
        parts = []
        for place, path in enumerate(files):
            parts.append(_open_whole(path, ending))
            report((place + 1) / len(files))
        if len({part.shape[1:] for part in parts}) > 1:
            raise ScanError(f"The frames in {files[0].parent} differ in size: keep those of one scan there.")
        return join(parts)
    loader = loader_for(ending)
    assert loader is not None  # held by frame_files
    return open_series(files, loader)


def _open_whole(path: Path, ending: str) -> PatternSource:
    if ending in TIFF_ENDINGS:
        return open_tiff(path)
    if ending in HDF5_ENDINGS:
        with open_hdf5(path) as file:
            return open_frames(file, HDF5_KEY)
    loader = loader_for(ending)
    assert loader is not None  # held by frame_files
    return open_series([path], loader)
