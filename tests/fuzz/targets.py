"""What is damaged: samples of all that scans, results, positions and masks are read from, out of tests/io."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzz.look import look_at_numbers, look_at_positions, look_at_result, look_at_scan

KINDS: dict[str, Callable[[Path], str]] = {
    "samples": look_at_scan,
    "result_samples": look_at_result,
    "position_samples": look_at_positions,
    "step_samples": look_at_numbers,
}
"""By package: how its files are looked at."""


@dataclass(frozen=True)
class Target:
    """A sample: `write(folder)` returns the path to open; `look(path)` what the user is told."""

    name: str
    write: Callable[[Path], Path]
    look: Callable[[Path], str]


@dataclass(frozen=True)
class Files:
    """A sample in its folder, of which one file at a time is damaged."""

    path: Path
    """What is opened."""
    contents: dict[Path, bytes]

    def put(self, file: Path, content: bytes) -> None:
        """Damage one file; all others are sound again."""
        for other, good in self.contents.items():
            other.write_bytes(content if other == file else good)


def targets() -> list[Target]:
    """Return all of them, by name: 'samples.cxi', 'result_samples.ptylab_hdf5'..."""
    found = []
    for package, look in KINDS.items():
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            write = getattr(importlib.import_module(f"{package}.{module.name}"), "write", None)
            if write is not None:
                found.append(Target(f"{package}.{module.name}", write, look))
    return sorted(found, key=lambda target: target.name)


def written(target: Target, folder: Path) -> Files:
    """Write a sample into an empty folder."""
    path = target.write(folder)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return Files(path, {file: file.read_bytes() for file in files})
