"""What speaks for a refined object: how well each pattern is explained, and what was assumed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ptygui.core.frc import RingCorrelation  # loads scipy, for which the window does not wait


@dataclass(frozen=True)
class Residual:
    """How well an object explains the measured amplitudes sqrt(I).

    r1 = sum|sqrt(I) - |F|| / sum sqrt(I);  r2 = sqrt(sum (sqrt(I) - |F|)^2 / sum I)
    """

    r1: float
    r2: float


@dataclass(frozen=True)
class Evidence:
    """Figures for each pattern, and for the beam.

    Attributes
    ----------
    r1 : (n,) float32
        Relative amplitude residual of each pattern, sum|sqrt(I) - |F|| / sum sqrt(I).
    deviance : (n,) float32 or None
        Poisson deviance per pixel of each pattern, about 1 where noise alone is left (0.5 to 1.2 at a few
        counts a pixel); None if the patterns are no whole counts.
    shifts_px : (n, 2) float64
        How far (y, x) each position was moved from where the file has it.
    flat : Residual or None
        Of a flat object under this probe: what no knowledge of the sample would leave.
    half_scan : RingCorrelation or None
        Of two objects, each made from half of the patterns with this probe and these positions, from flat.
    """

    r1: NDArray[np.float32]
    deviance: NDArray[np.float32] | None
    shifts_px: NDArray[np.float64]
    flat: Residual | None = None
    half_scan: RingCorrelation | None = None
