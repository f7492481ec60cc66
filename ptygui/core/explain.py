"""The pattern that a picture explains: what object, probe and position predict for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import StageResult
from ptygui.core.fourier import detector_intensity
from ptygui.core.scan import ObjectImage
from ptygui.core.shift import shift_subpixel, split_positions


def computed_pattern(stage: StageResult, index: int) -> NDArray[np.float32]:
    """Compute one pattern, (H, W) float32 in counts, zero frequency in the centre.

    I = b a sum_m |F(P_m(r - rest) O(r))|² + background, with the sub-pixel rest of the position in the
    probe, as core.simulate has it; brightness b and background are those that the stage found, if it looked
    for them. Where the picture knows nothing of the object, the object is 1.

    Parameters
    ----------
    stage : StageResult
    index : int
        Which pattern.
    """
    shape = (stage.probe.shape[1], stage.probe.shape[2])
    position = stage.positions_px[[index]] - np.asarray(stage.image.origin_px)
    corners, fractions = split_positions(position, shape)
    probe = shift_subpixel(stage.probe.astype(np.complex128), np.repeat(fractions, len(stage.probe), axis=0))
    pattern = detector_intensity(probe * _patch(stage.image, corners[0], shape))
    return _as_measured(pattern, stage, index).astype(np.float32)


def _patch(image: ObjectImage, corner: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[np.complex64]:
    """Cut (H, W) out of the object from `corner` on; 1 where it is not known or ends."""
    patch = np.ones(shape, np.complex64)
    low = np.maximum(corner, 0)
    high = np.minimum(corner + shape, image.values.shape)
    if (high > low).all():
        known = np.s_[low[0] : high[0], low[1] : high[1]]
        start, end = low - corner, high - corner
        values = image.values[known]
        patch[start[0] : end[0], start[1] : end[1]] = np.where(values == 0, 1, values)
    return patch


def _as_measured(pattern: NDArray[np.float64], stage: StageResult, index: int) -> NDArray[np.float64]:
    """Apply the brightness of the beam and what every pattern has from elsewhere."""
    if stage.intensities is not None:
        pattern = pattern * float(stage.intensities[index])
    if stage.background is not None:
        pattern = pattern + stage.background
    return pattern
