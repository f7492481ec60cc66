"""What a job yields: plain frozen values, no torch, no Qt.

They live in the core because the reconstruction yields them and the jobs above it only pass them on.

A job is an iterator of these. `yield` is where it can be cancelled: closing the iterator ends it and
keeps nothing; `JobControl.stop_and_keep()` makes it finish early with what it has.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptygui.core.evidence import Evidence, Residual
from ptygui.core.scan import ObjectImage

NoticeLevel = Literal["info", "warning", "error"]
Stage = Literal["raw", "polished", "refined"]
ExportFormat = Literal["tiff", "ome-tiff", "png", "svg", "npz", "product", "product-npz", "ptyr", "csv"]
"""What a result can be written as (io.writers.results)."""
METRIC_FORMATS: frozenset[ExportFormat] = frozenset({"product", "product-npz", "ptyr"})
"""Those that hold lengths, so that they cannot be written where the geometry is unknown."""


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    stage: str
    """What is being done, in words: 'Reconstructing', 'Polishing', 'Loading the generator'."""
    done: int
    total: int
    unit: str = "patterns"
    rate_per_s: float | None = None
    remaining_s: float | None = None


@dataclass(frozen=True)
class Preview:
    """A whole state of the object; the latest wins, older ones may be dropped."""

    image: ObjectImage
    stage: Stage
    coverage: float
    """Share of the patterns that is in the picture, 0..1."""
    seen: NDArray[np.intp] | None = None
    """Which patterns are in the picture, in any order; None where it is not told."""
    probe: NDArray[np.complex64] | None = None
    """(modes, H, W) as it stands, where it changes."""


@dataclass(frozen=True)
class Epoch:
    """Where a refinement stands after having seen every pattern once more; the points of its curves."""

    number: int
    """1 after the first."""
    total: int
    """How many there will be at most."""
    residual: Residual
    deviance: float | None
    """Poisson deviance per pixel, about 1 where noise alone is left; None if the patterns are no counts."""
    seconds: float
    """Since the refinement began."""


@dataclass(frozen=True)
class Notice:
    """A sentence for the log."""

    text: str
    level: NoticeLevel = "info"


@dataclass(frozen=True)
class DeviceUsed:
    """Where the tensors really are, read from them."""

    device_id: str
    text: str


@dataclass(frozen=True)
class Quality:
    """Against a known true object, global phase and scale removed (core.quality)."""

    amplitude_ssim: float
    phase_ssim: float
    amplitude_mae: float
    complex_error: float


@dataclass(frozen=True)
class StageResult:
    """One picture of a result: the raw network pass, the polished or the refined one; with its probe."""

    stage: Stage
    image: ObjectImage
    probe: NDArray[np.complex64]
    """(modes, H, W): with the image it explains the patterns."""
    positions_px: NDArray[np.float64]
    """(n, 2) (y, x) object pixels."""
    residual: Residual | None
    quality: Quality | None
    seconds: float
    steps: int = 0
    """Polish steps or epochs completed."""
    evidence: Evidence | None = None
    """What speaks for it, pattern by pattern."""
    intensities: NDArray[np.float32] | None = None
    """(n,) brightness of each pattern relative to the probe; None: all are 1."""
    background: NDArray[np.float32] | None = None
    """(H, W) counts in every pattern that come from elsewhere; None: there are none."""


@dataclass(frozen=True)
class Reconstruction:
    """What a reconstruction leaves: every stage kept and labelled, and how it was made."""

    stages: tuple[StageResult, ...]
    """In the order in which they were made, each once: raw, polished, refined."""
    scan_name: str
    recipe: dict[str, object] = field(default_factory=dict)
    """The recipe as plain values: everything that repeats the reconstruction (bundle id, versions...)."""
    coverage: float = 1.0
    notices: tuple[str, ...] = ()

    @property
    def best(self) -> StageResult:
        """The last stage."""
        return self.stages[-1]


@dataclass(frozen=True)
class Finished:
    """The last event of a reconstruction."""

    result: Reconstruction
    stopped_early: bool = False


@dataclass(frozen=True)
class OrientationScore:
    """How well a candidate explains the patterns; codes of core.geometry, on top of how the scan is read."""

    frames: int
    positions: int
    """0 as they are, 3 reversed."""
    r1: float


@dataclass(frozen=True)
class OrientationFound:
    """The last event of a search for the orientation."""

    frames_orientation: int
    """For core.reading.Reading."""
    positions_orientation: int
    changes: bool
    """Whether the scan is read otherwise now."""
    confidence: float
    """0..1 that frames lie so to the positions, but for a turn of both by 180 degrees, or the twin."""
    sign_confidence: float
    """0..1 that the sign is right too; only a probe that is not symmetric tells."""
    table: tuple[OrientationScore, ...]
    """All candidates, the best first."""


Event = Progress | Preview | Epoch | Notice | DeviceUsed | OrientationFound | Finished


@dataclass(frozen=True)
class Written:
    """The last event of a conversion."""

    paths: tuple[Path, ...]


class JobControl:
    """The caller's hand on a running job; safe to use from another thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pause = threading.Event()

    def stop_and_keep(self) -> None:
        """Finish early with what there is."""
        self._stop.set()

    def pause(self) -> None:
        """Hold on at the next place where a job can be held (refinements); nothing is lost."""
        self._pause.set()

    def go_on(self) -> None:
        """End a pause."""
        self._pause.clear()

    @property
    def stop_requested(self) -> bool:
        """True once `stop_and_keep` was called."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """True between `pause` and `go_on`; a stop ends a pause."""
        return self._pause.is_set() and not self._stop.is_set()
