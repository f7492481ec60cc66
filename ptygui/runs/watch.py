"""What can be watched in a directory: our runs, Lightning's metrics.csv, TensorBoard's event files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol

from ptygui.runs.layout import METRICS_HEADER, RunError
from ptygui.runs.lightning_csv import NAME as METRICS_NAME
from ptygui.runs.lightning_csv import LightningWatch
from ptygui.runs.reader import RunReader, RunUpdate
from ptygui.runs.tensorboard import PREFIX, TensorBoardWatch

Kind = Literal["run", "lightning", "tensorboard"]

DEPTH = 4
"""outputs/<experiment>/lightning_logs/version_0, as PtychoPINN leaves it."""
_MOST_FOLDERS = 5000
"""A watched directory may hold anything: so many folders are looked into."""


class Watch(Protocol):
    """Follows the log of one run."""

    @property
    def path(self) -> Path:
        """The directory of the run."""
        ...

    def poll(self) -> RunUpdate:
        """Read what is new; never raises."""
        ...


def open_watch(path: Path) -> Watch:
    """Follow the run in a directory, whoever wrote it; of a folder of runs the one that changed last.

    Raises
    ------
    RunError
        If there is none.
    """
    folder = path if path.is_dir() else path.parent
    kind = kind_of(folder)
    if kind is not None:
        return watch_of(folder, kind)
    below = find_watchable(folder)
    if not below:
        raise nothing_to_watch(path)
    return watch_of(*max(below, key=lambda found: _changed_s(found[0])))


def nothing_to_watch(path: Path) -> RunError:
    """Make the error that says so."""
    return RunError(
        f"{path} holds nothing that can be watched: neither a run of ptygui (run.json), nor Lightning's "
        f"{METRICS_NAME}, nor event files of TensorBoard."
    )


def watch_of(folder: Path, kind: Kind) -> Watch:
    """Follow a directory of a known kind."""
    if kind == "run":
        return RunReader(folder)
    return LightningWatch(folder) if kind == "lightning" else TensorBoardWatch(folder)


def kind_of(folder: Path) -> Kind | None:
    """Tell what a directory itself holds; None: nothing to watch, or it is not there."""
    return _kind(folder, _names(folder)[0])


def find_watchable(folder: Path, depth: int = DEPTH) -> list[tuple[Path, Kind]]:
    """List what can be watched in a directory and below it, down to `depth`; never raises OSError.

    Hidden folders and what lies inside runs are left out.
    """
    found, level = [], [folder]
    seen = 0
    for _ in range(depth + 1):
        below: list[Path] = []
        for place in level[: max(0, _MOST_FOLDERS - seen)]:
            files, folders = _names(place)
            kind = _kind(place, files)
            if kind is not None:
                found.append((place, kind))
            if kind != "run":
                below += (place / name for name in sorted(folders) if not name.startswith("."))
        seen += len(level)
        level = below
    return found


def _names(folder: Path) -> tuple[set[str], set[str]]:
    """Return the names of its files and of its folders; none if it cannot be read."""
    files: set[str] = set()
    folders: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else files).add(entry.name)
    except OSError:
        return set(), set()
    return files, folders


def _kind(folder: Path, files: set[str]) -> Kind | None:
    if "run.json" in files:
        return "run"
    if METRICS_NAME in files:
        return "run" if _is_ours(folder / METRICS_NAME) else "lightning"
    return "tensorboard" if any(name.startswith(PREFIX) for name in files) else None


def _is_ours(metrics: Path) -> bool:
    """Tell whether it is the long table of a run, of which only a part was copied."""
    try:
        with metrics.open("rb") as file:
            return file.readline(200).strip() == METRICS_HEADER.encode()
    except OSError:
        return False


def _changed_s(folder: Path) -> float:
    return max(_times(folder), default=0.0)


def _times(folder: Path) -> Iterator[float]:
    for name in _names(folder)[0]:
        try:
            yield (folder / name).stat().st_mtime
        except OSError:
            continue
