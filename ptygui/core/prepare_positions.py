"""The step that moves positions: an affine map about their middle, and a shift."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ptygui.core.plausible import check_extent
from ptygui.core.preparation import MovePositions
from ptygui.core.prepare_base import Done, Tools
from ptygui.core.scan import ProbePositions, Scan


def move_positions(step: MovePositions, scan: Scan, _tools: Tools) -> Done:
    """Turn, stretch, shear and shift the positions; the object of the file lies elsewhere then."""
    matrix = affine(step)
    if np.array_equal(matrix, np.eye(2)) and step.shift == (0.0, 0.0):
        return Done(scan, "The positions stay where they are.")
    values = scan.positions.values
    middle = (values.min(axis=0) + values.max(axis=0)) / 2
    moved = (values - middle) @ matrix.T + middle + np.asarray(step.shift)
    placed = replace(
        scan,
        positions=ProbePositions(np.asarray(moved, np.float64), scan.positions.unit),
        reference_object=None,
    )
    farthest = float(np.linalg.norm(placed.positions_px - scan.positions_px, axis=1).max())
    gone = "; the object in the file is left out" if scan.reference_object is not None else ""
    return Done(check_extent(placed), f"Positions moved by up to {farthest:.3g} object pixels{gone}.")


def affine(step: MovePositions) -> NDArray[np.float64]:
    """Return the matrix (2, 2) of (y, x): stretched first, then sheared, then turned.

    Counterclockwise as it is seen, with y down: a point on the right (+x) moves up (-y).
    """
    angle = math.radians(step.rotation_deg)
    stretch = np.diag(np.asarray(step.scale, np.float64))
    shear = np.array([[1.0, 0.0], [step.shear, 1.0]])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(turn @ shear @ stretch, np.float64)
