"""How near an object is to the true one, after taking off what ptychography cannot know (core.gauge)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import fourier_shift
from skimage.metrics import structural_similarity

from ptygui.core.errors import PtyguiError
from ptygui.core.events import Quality
from ptygui.core.frc import ring_correlation
from ptygui.core.gauge import Image, Weights, gauge_factor, remove_gauge
from ptygui.core.scan import ObjectImage


class ComparisonError(PtyguiError):
    """Two objects that cannot be compared."""


@dataclass(frozen=True)
class CommonArea:
    """Two objects cut to one grid: (rows, cols) each; `mask` is True where both are known."""

    first: NDArray[np.complex64]
    second: NDArray[np.complex64]
    mask: NDArray[np.bool_]
    origin_px: tuple[float, float]
    """Position (row, col) of element [0, 0], as of an `ObjectImage`."""


def compare(
    estimate: ObjectImage,
    truth: ObjectImage,
    positions_px: NDArray[np.float64] | None = None,
    *,
    ramp: bool = False,
) -> Quality:
    """Compare an object with the true one.

    Parameters
    ----------
    estimate, truth : ObjectImage
        Both with their origins in the scan's pixel frame.
    positions_px : (n, 2) float64 (y, x) or None
        If given, only their bounding box is compared: outside it an object was lit by the rim of few
        probes and no method gets it right. Always give them when methods are compared.
    ramp : bool
        Take off a linear phase too; only where the probe was free.

    Returns
    -------
    Quality
        amplitude_ssim : of the amplitudes, the estimate's scaled by least squares.
        phase_ssim : of the phases, one global constant taken off; see `phase_ssim`.
        amplitude_mae : mean |amplitude difference| by mean true amplitude, scale taken off.
        complex_error : |c estimate - truth| / |truth| (2-norms) with the best complex c.

    Raises
    ------
    ComparisonError
        If a preview is given, the pixel sizes differ, or fewer than 8 x 8 pixels are common.
    """
    area = common_area(estimate, truth, positions_px)
    aligned = remove_gauge(area.first, area.second, area.mask, ramp=ramp)
    return Quality(
        amplitude_ssim=amplitude_ssim(aligned, area.second, area.mask),
        phase_ssim=phase_ssim(aligned, area.second, area.mask),
        amplitude_mae=amplitude_mae(aligned, area.second, area.mask),
        complex_error=complex_error(aligned, area.second, area.mask),
    )


def amplitude_ssim(estimate: Image, truth: Image, mask: NDArray[np.bool_]) -> float:
    """Return the mean structural similarity of the amplitudes inside the mask, scale taken off.

    scikit-image's 7 x 7 uniform window; data range: that of the true amplitude, but at least a tenth of its
    maximum, so that a flat truth does not divide by zero.
    """
    scaled, true = _scaled_amplitude(estimate, truth, mask), np.abs(truth)
    data_range = max(float(np.ptp(true[mask])), 0.1 * float(true[mask].max()))
    return _ssim(scaled, true, mask, data_range)


def phase_ssim(estimate: Image, truth: Image, mask: NDArray[np.bool_]) -> float:
    """Return the mean structural similarity of the phases inside the mask, a global constant taken off.

    The true phase is taken about its own mean; the estimate's is the true one plus the argument of
    estimate * conj(truth), so it lies on the true one's branch and a wrap at +-pi is no difference. Both
    count from the least true phase, as on a grey scale: similarity needs an image that is not negative.
    Data range: that of the true phase, but at least 0.1 rad.
    """
    turned = estimate * np.exp(1j * np.angle(gauge_factor(estimate, truth, mask)))
    true = np.angle(truth * np.exp(-1j * np.angle(np.sum(truth[mask]))))
    true = true - true[mask].min()
    phase = true + np.angle(turned * truth.conj())
    data_range = max(float(np.ptp(true[mask])), 0.1)
    return _ssim(phase, true, mask, data_range)


def amplitude_mae(estimate: Image, truth: Image, mask: NDArray[np.bool_]) -> float:
    """Return mean | |estimate| s - |truth| | / mean |truth| inside the mask, s by least squares."""
    difference = np.abs(_scaled_amplitude(estimate, truth, mask) - np.abs(truth))
    return float(difference[mask].mean() / np.abs(truth[mask]).mean())


def complex_error(estimate: Image, truth: Image, mask: NDArray[np.bool_]) -> float:
    """Return |c estimate - truth| / |truth| inside the mask (2-norms), with the best complex c."""
    difference = gauge_factor(estimate, truth, mask) * estimate - truth
    return float(np.linalg.norm(difference[mask]) / np.linalg.norm(truth[mask]))


def frc50(
    estimate: ObjectImage, truth: ObjectImage, positions_px: NDArray[np.float64] | None = None
) -> float:
    """Return how far into the details an object is the true one, in cycles per pixel, 0..0.5.

    Where their Fourier ring correlation (core.frc) first falls below 0.5: 0.5 if it never does, 0 if not
    even the coarsest ring agrees. Parameters and errors are those of `compare`.
    """
    area = common_area(estimate, truth, positions_px)
    half_period_px = ring_correlation(area.first, area.second).resolution_px(0.5)
    return 0.0 if half_period_px is None else 0.5 / half_period_px


def common_area(
    first: ObjectImage, second: ObjectImage, positions_px: NDArray[np.float64] | None = None
) -> CommonArea:
    """Cut two objects to the box that both hold and, if given, that the positions span.

    Where their grids differ by a fraction of a pixel, the second is shifted (Fourier) onto the first's.

    Raises
    ------
    ComparisonError
        As `compare`.
    """
    _refuse_foreign(first, second)
    offset = np.subtract(first.origin_px, second.origin_px)  # first's [0, 0] in second's pixels
    whole = np.rint(offset).astype(int)
    values = _shifted(second.values, whole - offset)
    low, high = _common_box(first, second, whole, positions_px)
    if (high - low < 8).any():
        raise ComparisonError("The two objects have fewer than 8 x 8 pixels in common: nothing to compare.")
    area_1 = np.s_[low[0] : high[0], low[1] : high[1]]
    area_2 = np.s_[low[0] + whole[0] : high[0] + whole[0], low[1] + whole[1] : high[1] + whole[1]]
    mask = first.covered[area_1] & second.covered[area_2]
    if not mask.any():
        raise ComparisonError("The two objects have no covered pixel in common: nothing to compare.")
    origin = (first.origin_px[0] + float(low[0]), first.origin_px[1] + float(low[1]))
    return CommonArea(first.values[area_1], values[area_2], mask, origin)


def _common_box(
    first: ObjectImage,
    second: ObjectImage,
    whole: NDArray[np.int_],
    positions_px: NDArray[np.float64] | None,
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return first and end (row, col) of the common box, in pixels of the first."""
    low = np.maximum(0, -whole)
    high = np.minimum(first.values.shape, np.array(second.values.shape) - whole)
    if positions_px is not None and len(positions_px):  # some programs do not save them
        inside = positions_px - np.array(first.origin_px)
        low = np.maximum(low, np.ceil(inside.min(axis=0)).astype(int))
        high = np.minimum(high, np.floor(inside.max(axis=0)).astype(int) + 1)
    return low, high


def _refuse_foreign(first: ObjectImage, second: ObjectImage) -> None:
    if first.stride != 1 or second.stride != 1:
        raise ComparisonError("A preview is coarser than the object: compare the finished one.")
    sizes = first.pixel_size_m, second.pixel_size_m
    if sizes[0] and sizes[1] and not np.allclose(sizes[0], sizes[1], rtol=0.01, atol=0):
        raise ComparisonError(f"The objects have different pixel sizes, {sizes[0]} and {sizes[1]} m.")


def _shifted(values: NDArray[np.complex64], fraction: NDArray[np.float64]) -> NDArray[np.complex64]:
    if (np.abs(fraction) < 1e-3).all():
        return values
    return np.asarray(np.fft.ifft2(fourier_shift(np.fft.fft2(values), fraction)), np.complex64)


def _scaled_amplitude(estimate: Image, truth: Image, mask: Weights) -> NDArray[np.floating]:
    amplitude = np.abs(estimate)
    scale = abs(gauge_factor(amplitude.astype(np.complex128), np.abs(truth).astype(np.complex128), mask))
    return amplitude * scale


def _ssim(
    estimate: NDArray[np.floating], truth: NDArray[np.floating], mask: NDArray[np.bool_], data_range: float
) -> float:
    """Return the similarity map's mean over the mask, both images in float64."""
    _, similarity = structural_similarity(
        truth.astype(np.float64), estimate.astype(np.float64), data_range=data_range, full=True
    )
    return float(similarity[mask].mean())
