"""Arrows from places to where they moved, lengthened so that they can be seen."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

_HEAD = 0.3
"""Length of the strokes of a head, as a share of the arrow."""
_ANGLE = math.radians(25)


class ArrowsItem(pg.PlotCurveItem):  # type: ignore[misc]
    """Arrows of one colour, in one call."""

    def __init__(self) -> None:
        super().__init__(antialias=True, connect="pairs")

    def set_arrows(self, tails: NDArray[np.float64], steps: NDArray[np.float64]) -> None:
        """Show arrows from `tails` (n, 2) (y, x) along `steps` (n, 2), in view coordinates."""
        tips = tails + steps
        strokes = [tails, tips]
        for angle in (_ANGLE, -_ANGLE):
            strokes += [tips, tips - _HEAD * _turned(steps, angle)]
        points = np.stack(strokes, axis=1).reshape(-1, 2)
        self.setData(points[:, 1], points[:, 0])


def exaggeration(moved: NDArray[np.float64], spacing: float) -> float:
    """Return the round number by which to lengthen shifts so that a typical one spans the spacing.

    Parameters
    ----------
    moved : (n,) float64
        Lengths of the shifts.
    spacing : float
        How far places lie apart, in the same unit.
    """
    typical = float(np.percentile(moved, 90)) if len(moved) else 0.0
    if typical <= 0 or spacing <= 0:
        return 1.0
    wanted = spacing / typical
    power = 10.0 ** math.floor(math.log10(wanted))
    return max(1.0, power * max(digit for digit in (1, 2, 5) if digit * power <= wanted))


def _turned(steps: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    y, x = steps.T
    cos, sin = math.cos(angle), math.sin(angle)
    return np.stack([sin * x + cos * y, cos * x - sin * y], axis=-1)
