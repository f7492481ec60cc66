"""Series of files with single frames: which belong together, in which order, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.scan import PatternSource, spread_indices
from ptygui.io.hdf5 import dataset, open_hdf5, reading
from ptygui.io.hdf5_frames import LinkedFrames
from ptygui.io.raw_stack import beyond_single

CHECKED = 8
"""Frames, spread over the series, that are looked at when it is opened; the others when they are read."""

Load = Callable[[Path], NDArray[Any]]
"""Reads a file's frame (H, W); raises ScanError."""


@dataclass(frozen=True)
class FileSeries:
    """Files of one frame each; a PatternSource that opens a file only while it is read."""

    paths: tuple[Path, ...]
    load: Load
    frame: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return len(self.paths), *self.frame

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the frames at `indices`, (b, H, W) float32.

        Raises
        ------
        ScanError
            If a file has gone, cannot be read, or has another size than the first.
        """
        frames = np.empty((len(indices), *self.frame), np.float32)
        with beyond_single():
            for place, index in enumerate(np.asarray(indices)):
                frames[place] = self._one(self.paths[int(index)])
        return frames

    def _one(self, path: Path) -> NDArray[Any]:
        frame = self.load(path)
        if frame.shape != self.frame:
            raise ScanError(
                f"{path.name} has a frame of {frame.shape} pixels, but {self.paths[0].name} one of "
                f"{self.frame}: all frames of a series must have one size."
            )
        return frame


def open_series(paths: list[Path], load: Load) -> FileSeries:
    """Return files, in their order, as one source; some are looked at.

    Raises
    ------
    ScanError
        If one that is looked at cannot be read, holds no frame of real numbers, or has another size.
    """
    first = load(paths[0])
    if first.ndim != 2 or first.dtype.kind not in "buif" or 0 in first.shape:
        raise ScanError(
            f"{paths[0].name} must hold a frame, real numbers of shape (H, W), not {first.dtype} of shape "
            f"{first.shape}."
        )
    series = FileSeries(tuple(paths), load, first.shape)
    for index in spread_indices(len(paths), CHECKED):
        series.read(np.array([index], np.intp))
    return series


def natural_key(path: Path) -> tuple[Any, ...]:
    """Return what sorts names as people count: frame_2 before frame_10."""
    parts = re.split(r"(\d+)", path.name)
    return tuple(int(part) if part.isdigit() else part.lower() for part in parts), path.name


def siblings(path: Path) -> list[Path]:
    """Return the files of the series that a file belongs to, in natural order, itself among them.

    A name that ends in three numbers, `<prefix>_<scan>_<line>_<point>` (APS 12-ID), belongs to those with
    the same prefix and scan; of others the longest number that is filled with zeros may differ (APS 2-ID),
    or else the last one.
    """
    pattern = _pattern(path.name)
    if pattern is None:
        return [path]
    found = [other for other in path.parent.iterdir() if pattern.fullmatch(other.name)]
    return sorted(found, key=natural_key) or [path]


def files_alike(path: Path) -> tuple[str, ...]:
    """Say that a single frame's file belongs to a series, if it does."""
    others = len(siblings(path)) - 1
    if not others:
        return ()
    return (f"{others:,} more files beside it are called alike: open the folder to have all frames.",)


def called_alike(paths: list[Path]) -> list[Path]:
    """Return those of the files whose names differ in numbers only, the most frequent ones, in natural order.

    Of APS 12-ID's names only those of one scan.
    """
    groups: dict[Any, list[Path]] = {}
    for path in sorted(paths, key=natural_key):
        groups.setdefault(name_kind(path), []).append(path)
    return max(groups.values(), key=len)


def name_kind(path: Path) -> tuple[Any, ...]:
    """Return what the names of files share that are called alike."""
    parts = _parts(path.stem)
    fixed = parts[:-4] if _is_by_line(parts) else []
    return tuple(parts[::2]), tuple(fixed), path.suffix.lower()


def open_hdf5_series(path: Path, key: str, frame: PatternSource) -> LinkedFrames:
    """Return the frame of an HDF5 file together with those of its series, and what is to be said of it.

    Raises
    ------
    ScanError
        If one of them cannot be read or has another size.
    """
    paths = siblings(path)
    if len(paths) == 1:
        return LinkedFrames(frame)
    series = FileSeries(tuple(paths), lambda one: load_hdf5_frame(one, key), frame.shape[1:])
    for index in spread_indices(len(paths), 2):
        series.read(np.array([index], np.intp))
    notes = (f"{path.name} is one of {len(paths):,} files with a frame each: all are opened.",)
    return LinkedFrames(series, (*notes, *missing_points(paths)))


def load_hdf5_frame(path: Path, key: str) -> NDArray[Any]:
    """Read a dataset of one frame (H, W), or (1, H, W); raises ScanError."""
    with open_hdf5(path) as file:
        stored = dataset(file, key)
        with reading(file, key), beyond_single():
            if stored.ndim < 2 or stored.size != stored.shape[-1] * stored.shape[-2]:
                raise ScanError(
                    f"{path.name}, key {key}, must be one frame (H, W), not of shape {stored.shape}."
                )
            return np.asarray(stored[()], np.float32).reshape(stored.shape[-2:])


def missing_points(paths: list[Path]) -> tuple[str, ...]:
    """Say which points of a scan by line and point have no file."""
    numbers = [re.findall(r"\d+", path.stem) for path in paths]
    if len(paths) < 2 or any(len(words) < 3 for words in numbers):
        return ()
    there = {(int(words[-2]), int(words[-1])) for words in numbers}
    lines, points = ({place[axis] for place in there} for axis in (0, 1))
    gaps = sorted({(line, point) for line in lines for point in points} - there)
    if not gaps or len(gaps) > len(there):
        return ()
    some = ", ".join(f"{line}/{point}" for line, point in gaps[:5]) + (" …" if len(gaps) > 5 else "")
    return (f"{len(gaps):,} of {len(lines) * len(points):,} points have no file (line/point {some}).",)


def _parts(stem: str) -> list[str]:
    """Split into text, number, text, number, ..."""
    return re.split(r"(\d+)", stem)


def _is_by_line(parts: list[str]) -> bool:
    """Tell whether a name ends in `_<scan>_<line>_<point>`."""
    return len(parts) >= 7 and parts[-1] == "" and parts[-3] == parts[-5] == "_"


def _pattern(name: str) -> re.Pattern[str] | None:
    stem, dot, ending = name.rpartition(".")
    parts = _parts(stem)
    places = list(range(1, len(parts), 2))
    if not dot or not places:
        return None
    if _is_by_line(parts):
        varying = places[-2:]
    else:
        filled = [place for place in places if parts[place].startswith("0")]
        varying = [max(filled, key=lambda place: (len(parts[place]), place), default=places[-1])]
    words = [r"\d+" if place in varying else re.escape(part) for place, part in enumerate(parts)]
    return re.compile("".join(words) + re.escape(dot + ending))
