"""The nouns of the experiment: scan, patterns, probe positions, batch, object.

Canonical form in memory, whatever a file said: patterns are intensities (counts) of shape (n, H, W)
with zero frequency at [H//2, W//2]; positions are (n, 2) float64 in (y, x), +y down the rows and +x to
the right; the probe is (modes, H, W) complex64; bad pixels are True. A position is where the centre
[H//2, W//2] of its patch lies. Patterns stay where they are and are read in batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.reading import Reading

PositionUnit = Literal["m", "px"]


class PatternSource(Protocol):
    """Where patterns are read from: a file, a memory array, a simulation."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        ...

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the patterns at `indices` as intensities (b, H, W) float32, zero frequency in the centre.

        Raises
        ------
        ScanError
            If the file is gone, cut short or cannot be decoded.
        """
        ...


@dataclass(frozen=True)
class ArrayPatterns:
    """Patterns that are already in memory: intensities (n, H, W), zero frequency in the centre."""

    data: NDArray[Any]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        n, height, width = self.data.shape
        return n, height, width

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the patterns at `indices`, (b, H, W) float32."""
        return np.asarray(self.data[indices], dtype=np.float32)


@dataclass(frozen=True)
class SelectedPatterns:
    """Some patterns of another source, in an order of their own: pattern i is `selection[i]` there."""

    source: PatternSource
    selection: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return len(self.selection), *self.source.shape[1:]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the patterns at `indices`, (b, H, W) float32."""
        return self.source.read(self.selection[indices])


@dataclass(frozen=True)
class ProbePositions:
    """Centres of illumination on the object: (n, 2) float64 (y, x), in metres or in object pixels."""

    values: NDArray[np.float64]
    unit: PositionUnit

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != 2:
            raise ScanError(f"Probe positions must have the shape (n, 2), not {self.values.shape}.")
        if not np.isfinite(self.values).all():
            bad = int((~np.isfinite(self.values).all(axis=1)).sum())
            raise ScanError(f"{bad} of {len(self.values)} probe positions are not finite numbers.")

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Guess:
    """What a reader assumed because the file does not say it: shown to the user, who can change it."""

    what: str
    """Short name, e.g. 'zero frequency'."""
    value: str
    """What was assumed, e.g. 'corner'."""
    why: str
    """The evidence, in one sentence."""
    field: str = ""
    """The field of core.reading.Reading that overrules it; empty if none does."""
    confidence: float | None = None
    """0..1, where it can be put into a number."""


@dataclass(frozen=True)
class ScanMetadata:
    """What is known of a scan besides its arrays. None means that the file does not tell."""

    name: str
    path: str | None = None
    format: str = "memory"
    energy_ev: float | None = None
    distance_m: float | None = None
    detector_pixel_m: tuple[float, float] | None = None
    """(y, x)."""
    pixel_size_m: tuple[float, float] | None = None
    """Object pixel (y, x), stated by the file or computed from the geometry."""
    pixel_ratio: tuple[float, float] = (1.0, 1.0)
    """Object pixel (y, x) by that of whole stored frames: a window changes it, a bin does not."""
    preparation: Preparation = Preparation()
    """What the user chose: how the file is read, and the steps that prepared it."""
    reading: Reading = Reading()
    """How the file was read: chosen, stated and found together."""
    guesses: tuple[Guess, ...] = ()
    notes: tuple[str, ...] = ()
    """Other sentences worth showing."""
    cautions: tuple[str, ...] = ()
    """For each step of the preparation, of what it leaves too little; empty where there is enough."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Plain values that the file carries besides."""


@dataclass(frozen=True)
class ObjectImage:
    """A finished complex image.

    Attributes
    ----------
    values : (rows, cols) complex64
        Zero where nothing was measured.
    covered : (rows, cols) bool
        True where at least one pattern contributed with sufficient weight.
    origin_px : (row, col)
        Position, in object pixels of the scan's frame, of element [0, 0].
    pixel_size_m : (y, x) or None
        None when the geometry is unknown: then nothing shows metres. For a strided preview this is the
        size of the strided pixel.
    stride : int
        1, or the step at which a preview was sampled.
    """

    values: NDArray[np.complex64]
    covered: NDArray[np.bool_]
    origin_px: tuple[float, float] = (0.0, 0.0)
    pixel_size_m: tuple[float, float] | None = None
    stride: int = 1

    @property
    def amplitude(self) -> NDArray[np.float32]:
        """|object|, (rows, cols) float32."""
        return np.abs(self.values)

    @property
    def phase(self) -> NDArray[np.float32]:
        """Argument in radians, -pi..pi, (rows, cols) float32."""
        return np.angle(self.values)


@dataclass(frozen=True)
class Batch:
    """Some patterns with their positions: what a generator sees at once."""

    indices: NDArray[np.intp]
    """(b,) which patterns of the scan."""
    patterns: NDArray[np.float32]
    """(b, H, W) intensity, zero frequency in the centre."""
    positions_px: NDArray[np.float64]
    """(b, 2) (y, x) object pixels."""

    def __len__(self) -> int:
        return len(self.indices)

    def part(self, part: slice) -> Batch:
        """Return some of them."""
        return Batch(self.indices[part], self.patterns[part], self.positions_px[part])


@dataclass(frozen=True)
class Scan:
    """A measured or simulated scan in canonical form; its patterns are read lazily."""

    patterns: PatternSource
    positions: ProbePositions
    metadata: ScanMetadata
    probe: NDArray[np.complex64] | None = None
    """(modes, H, W)."""
    bad_pixels: NDArray[np.bool_] | None = None
    """(H, W), True = bad."""
    reference_object: ObjectImage | None = None
    """The true object of a simulation, or an earlier reconstruction that the file carries."""
    dark: NDArray[np.float32] | None = None
    """(H, W) counts without beam, if the file tells; subtracted by a step only."""
    flat: NDArray[np.float32] | None = None
    """(H, W) relative efficiency of the pixels, if the file tells; divided by a step only."""
    monitor: NDArray[np.float64] | None = None
    """(n,) incoming intensity at each pattern, if the file tells; divided by a step only."""

    def __post_init__(self) -> None:
        n, height, width = self.patterns.shape
        if n == 0:
            raise ScanError(f"{self.metadata.name} has no patterns.")
        if len(self.positions) != n:
            raise ScanError(
                f"{self.metadata.name} has {n} patterns but {len(self.positions)} probe positions: "
                "each pattern needs its own position."
            )
        if self.positions.unit == "m" and self.metadata.pixel_size_m is None:
            raise ScanError(
                f"{self.metadata.name} gives positions in metres but no object pixel size: "
                "energy, distance and detector pixel are needed."
            )
        if self.probe is not None and self.probe.shape[1:] != (height, width):
            raise ScanError(
                f"{self.metadata.name}: the probe is {self.probe.shape[1:]} "
                f"but the patterns are {(height, width)}."
            )

    def __len__(self) -> int:
        return self.patterns.shape[0]

    @property
    def pattern_shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.patterns.shape[1:]

    @property
    def positions_px(self) -> NDArray[np.float64]:
        """(n, 2) (y, x) in object pixels."""
        if self.positions.unit == "px":
            return self.positions.values
        assert self.metadata.pixel_size_m is not None  # held by __post_init__
        return self.positions.values / np.asarray(self.metadata.pixel_size_m, dtype=np.float64)

    def batch(self, indices: NDArray[np.intp]) -> Batch:
        """Read some patterns with their positions."""
        return Batch(indices, self.patterns.read(indices), self.positions_px[indices])

    def batches(self, size: int) -> Iterator[Batch]:
        """All patterns in file order, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.batch(np.arange(start, min(start + size, len(self))))

    def with_probe(self, probe: NDArray[np.complex64]) -> Scan:
        """Return the same scan with another probe, (modes, H, W)."""
        return replace(self, probe=probe)


def spread_indices(count: int, at_most: int) -> NDArray[np.intp]:
    """Return up to `at_most` indices of 0..count-1, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, at_most)).round().astype(np.intp))
