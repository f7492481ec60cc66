"""The recipe: everything global of a reconstruction, frozen before the first batch, saved with its result."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import Any, Literal

import msgspec

from ptygui import __version__
from ptygui.core.canvas import Frame
from ptygui.core.scan import Scan

ProbeSource = Literal["scan", "bundle"]
"""Whose probe was used."""
ProbeChoice = Literal["auto", "scan", "bundle"]
"""Whose probe the user wants."""


class PolishRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """How the raw object is polished (physics.projections)."""

    steps: int
    momentum: float
    regularisation: float


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What repeats a reconstruction; plain values only."""

    schema: int = 1
    scan_name: str
    scan_path: str | None
    scan_format: str
    scan_fingerprint: str
    patterns: int
    pattern_shape: tuple[int, int]
    pixel_size_m: tuple[float, float] | None
    energy_ev: float | None
    distance_m: float | None
    orientation: int = 0
    """0: as the reader gave it."""
    preparation: dict[str, Any] = {}
    """A core.preparation.Preparation: what the user changed of the scan in the file."""
    guesses: tuple[str, ...] = ()
    """What the reader assumed, as 'name: value'."""
    generator_name: str
    generator_path: str
    bundle_id: str
    generator: dict[str, Any]
    """The bundle's GeneratorSpec."""
    device_id: str
    batch_size: int
    probe_source: ProbeSource
    probe_scale: float
    """c: the probe is multiplied by it, so that the flat object 1 explains the mean number of photons."""
    gauge: str = "the flat object is 1"
    polish: PolishRecipe
    versions: dict[str, str]

    @property
    def id(self) -> str:
        """Short hash of the content: equal recipes have equal ids."""
        return short_hash(self)

    @property
    def frame(self) -> Frame:
        """The frame of every canvas that this recipe makes."""
        return Frame(self.pixel_size_m, self.orientation, self.id)

    def as_dict(self) -> dict[str, object]:
        """Plain values for files, with the id."""
        return {"id": self.id, **msgspec.to_builtins(self)}


def short_hash(values: Any) -> str:
    """Return 16 hexadecimal digits for plain values: equal ones have equal digits."""
    return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()[:16]


def identity(scan: Scan, fingerprint: str) -> dict[str, Any]:
    """Return the fields of a recipe that say which scan it is for, and what was assumed of it."""
    metadata = scan.metadata
    return {
        "scan_name": metadata.name,
        "scan_path": metadata.path,
        "scan_format": metadata.format,
        "scan_fingerprint": fingerprint,
        "patterns": len(scan),
        "pattern_shape": scan.pattern_shape,
        "pixel_size_m": metadata.pixel_size_m,
        "energy_ev": metadata.energy_ev,
        "distance_m": metadata.distance_m,
        "preparation": msgspec.to_builtins(metadata.preparation),
        "guesses": tuple(f"{guess.what}: {guess.value}" for guess in metadata.guesses),
    }


def versions() -> dict[str, str]:
    """Versions of what computes."""
    packages = {name: version(name) for name in ("numpy", "scipy", "torch")}
    return {"ptygui": __version__, "python": platform.python_version(), **packages}
