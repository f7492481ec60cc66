"""What a job yields: plain frozen values, no torch, no Qt.

They live in the core because the reconstruction yields them and the jobs above it only pass them on.

A job is an iterator of these. `yield` is where it can be cancelled: closing the iterator ends it and
keeps nothing; `JobControl.stop_and_keep()` makes it finish early with what it has.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import ObjectImage

NoticeLevel = Literal["info", "warning", "error"]
Stage = Literal["raw", "polished"]
ExportFormat = Literal["tiff", "png", "npz", "product"]
"""What a result can be written as (io.export)."""


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
class Residual:
    """How well an object explains the measured amplitudes sqrt(I).

    r1 = sum|sqrt(I) - |F|| / sum sqrt(I);  r2 = sqrt(sum (sqrt(I) - |F|)^2 / sum I)
    """

    r1: float
    r2: float


@dataclass(frozen=True)
class Quality:
    """Against a known true object, global phase and scale removed (core.quality)."""

    amplitude_ssim: float
    phase_ssim: float
    amplitude_mae: float
    complex_error: float


@dataclass(frozen=True)
class StageResult:
    """One picture of a result: the raw network pass, or the polished one."""

    stage: Stage
    image: ObjectImage
    residual: Residual | None
    quality: Quality | None
    seconds: float
    steps: int = 0
    """Polish steps completed."""


@dataclass(frozen=True)
class Reconstruction:
    """What a reconstruction leaves: every stage kept and labelled, and how it was made."""

    stages: tuple[StageResult, ...]
    """First the raw one, then (if asked for) the polished one."""
    probe: NDArray[np.complex64]
    """(modes, H, W), as used."""
    positions_px: NDArray[np.float64]
    """(n, 2) (y, x) object pixels."""
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


Event = Progress | Preview | Notice | DeviceUsed | Finished


class JobControl:
    """The caller's hand on a running job; safe to use from another thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def stop_and_keep(self) -> None:
        """Finish early with what there is."""
        self._stop.set()

    @property
    def stop_requested(self) -> bool:
        """True once `stop_and_keep` was called."""
        return self._stop.is_set()
