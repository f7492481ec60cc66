"""Two pictures in one gauge, and how they differ. Loads scipy: it is imported where it is needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import StageResult
from ptygui.core.frc import RingCorrelation, ring_correlation
from ptygui.core.gauge import remove_gauge
from ptygui.core.quality import common_area, complex_error
from ptygui.core.scan import ObjectImage


@dataclass(frozen=True)
class Comparison:
    """What is common to two pictures, and what is not.

    Attributes
    ----------
    first, second : ObjectImage
        Cut to the area that the first's positions span; the second in the first's gauge.
    amplitude_difference, phase_difference : (rows, cols) float32
        Second less first; phases in radians, on the nearest branch.
    error : float
        |second - first| / |first|, 2-norms over what both cover.
    correlation : RingCorrelation
    removes_ramp : bool
        Whether a linear phase was taken off too, as one of the probes was free.
    """

    first: ObjectImage
    second: ObjectImage
    amplitude_difference: NDArray[np.float32]
    phase_difference: NDArray[np.float32]
    error: float
    correlation: RingCorrelation
    removes_ramp: bool


def compare(first: StageResult, second: StageResult) -> Comparison:
    """Compare two pictures of one object.

    Raises
    ------
    ComparisonError
        If they have too little in common.
    """
    ramp = "refined" in (first.stage, second.stage)
    area = common_area(first.image, second.image, first.positions_px)
    turned = remove_gauge(area.second, area.first, area.mask, ramp=ramp)
    pixel = first.image.pixel_size_m
    size = None if pixel is None else max(pixel)
    return Comparison(
        first=ObjectImage(area.first, area.mask, area.origin_px, pixel),
        second=ObjectImage(turned, area.mask, area.origin_px, pixel),
        amplitude_difference=np.abs(turned) - np.abs(area.first),
        phase_difference=np.angle(turned * area.first.conj()),
        error=complex_error(turned, area.first, area.mask),
        correlation=ring_correlation(area.first * area.mask, turned * area.mask, pixel_size_m=size),
        removes_ramp=ramp,
    )
