"""A scan as its file holds it: nothing is turned, squared, shifted or converted yet (core.interpret does)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.reading import Reading
from ptygui.core.scan import Guess, ObjectImage, PatternSource


@dataclass(frozen=True)
class RawScan:
    """What a reader finds, and what its format states of it.

    Attributes
    ----------
    name, path, format : str
        Of the scan, its file, and what the format is called.
    frames : PatternSource
        (n, H, W) real numbers as they are stored, read in batches.
    positions : (n, 2) float64 or None
        (y, x) as stored, in the unit of the reading; None where the file has none.
    stated : Reading
        What the file or the definition of its format says.
    guesses : tuple of Guess
        What the reader had to assume that is peculiar to the format; one whose `field` names a field of
        Reading ('quantity', 'zero_frequency', 'position_unit') stands in for the general statistics.
    bad_pixels : (H, W) bool or None
        As the frames lie, True = bad.
    dark, flat : (H, W) float or None
        As the frames lie: counts without beam; relative efficiency of the pixels.
    monitor : (n,) float or None
        Incoming intensity at each frame, in any unit.
    probe : (modes, H, W) complex64 or None
        Canonical: on the object's grid, centred.
    reference_object : ObjectImage or None
        Canonical under the stated reading; left out where the user reads positions or pixels otherwise.
    notes : tuple of str
        Sentences worth showing.
    origin : str
        The beamline and facility that the file names, else the program that wrote it; empty: none.
    extra : dict
        Plain values that the file carries besides.
    companions : tuple of str
        Paths of other files that the reader took something from, besides the frames.
    """

    name: str
    path: str
    format: str
    frames: PatternSource
    positions: NDArray[np.float64] | None
    stated: Reading = Reading()
    guesses: tuple[Guess, ...] = ()
    bad_pixels: NDArray[np.bool_] | None = None
    dark: NDArray[np.float32] | None = None
    flat: NDArray[np.float32] | None = None
    monitor: NDArray[np.float64] | None = None
    probe: NDArray[np.complex64] | None = None
    reference_object: ObjectImage | None = None
    notes: tuple[str, ...] = ()
    origin: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    companions: tuple[str, ...] = ()

    @property
    def usable(self) -> int:
        """How many patterns have a position, or may get one from a file of its own."""
        frames = self.frames.shape[0]
        return frames if self.positions is None else min(frames, len(self.positions))
