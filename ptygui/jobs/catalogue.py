"""Which trained generators there are: shipped ones, and those that the user trained or brought."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ptygui import resources
from ptygui.core.errors import BundleError
from ptygui.generators.bundle import read_card
from ptygui.generators.contract import BundleCard

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GeneratorEntry:
    """A trained generator that can be chosen."""

    path: Path
    card: BundleCard
    shipped: bool
    """True if it came with ptygui, False if the user trained or brought it."""


@dataclass(frozen=True)
class Catalogue:
    """What was found."""

    entries: tuple[GeneratorEntry, ...]
    unusable: tuple[str, ...]
    """One sentence for each file that looks like a generator but cannot be used."""

    def find(self, name: str) -> GeneratorEntry:
        """Return the generator of a name (that of its card or of its file); a user's own one comes first.

        Raises
        ------
        BundleError
            If there is none; names those that there are.
        """
        for entry in sorted(self.entries, key=lambda entry: entry.shipped):
            if name in (entry.card.name, entry.path.stem):
                return entry
        known = ", ".join(entry.card.name for entry in self.entries) or "none"
        raise BundleError(f"There is no generator '{name}' (known: {known}): give one of them, or a file.")


def user_folder() -> Path:
    """Return the folder of the user's own generators; it need not exist."""
    return Path(platformdirs.user_data_dir("ptygui", appauthor=False)) / "generators"


def runs_folder() -> Path:
    """Return the folder of training runs; it need not exist."""
    return Path(platformdirs.user_data_dir("ptygui", appauthor=False)) / "runs"


def read_catalogue() -> Catalogue:
    """Read the headers of all bundles; one that cannot be used is logged and named, never fatal."""
    entries, unusable = [], []
    for path, shipped in _bundle_paths():
        try:
            entries.append(GeneratorEntry(path, read_card(path), shipped))
        except (BundleError, OSError) as error:
            log.warning("Generator left out: %s", error)
            unusable.append(str(error))
    return Catalogue(tuple(entries), tuple(unusable))


def _bundle_paths() -> Iterator[tuple[Path, bool]]:
    """Shipped bundles first, then the user's, then what finished runs left."""
    yield from ((path, True) for path in resources.shipped_generators())
    yield from ((path, False) for path in sorted(user_folder().glob("*.safetensors")))
    yield from ((path, False) for path in sorted(runs_folder().glob("*/bundle.safetensors")))
