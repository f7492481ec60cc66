"""What results of other programs are made of, whatever their files are called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import ObjectImage
from ptygui.io.result_checks import Axes, ResultError

Pair = tuple[float, float]


def object_image(values: NDArray[Any], label: str, origin_px: Pair, size_m: Pair | None) -> ObjectImage:
    """Return the first layer of an object (..., rows, cols); zero, or no number, is not measured.

    Parameters
    ----------
    values : (..., rows, cols) complex
    label : str
        File and key, for the message.
    origin_px : (row, col)
        Place of element [0, 0] in the frame of the positions.
    size_m : (y, x) or None

    Raises
    ------
    ResultError
    """
    layer = Axes().fit(_last(values, 2), np.complex64, "rows cols", label)
    covered = measured(layer)
    return ObjectImage(np.where(covered, layer, 0), covered, origin_px, size_m)


def measured(values: NDArray[np.complex64]) -> NDArray[np.bool_]:
    """Tell where an object (rows, cols) is known: what is 0, or no number, was not measured."""
    with np.errstate(invalid="ignore"):  # comparing a signalling NaN, as damaged files have, warns
        return np.asarray(np.isfinite(values) & (values != 0))


def probe_modes(values: NDArray[Any], label: str) -> NDArray[np.complex64]:
    """Return a probe (..., modes, H, W) or (H, W) as (modes, H, W), the first of leading axes.

    Raises
    ------
    ResultError
    """
    modes = values[np.newaxis] if values.ndim == 2 else _last(values, 3)
    return Axes().fit(modes, np.complex64, "modes H W", label, finite=True)


def positions_px(values: NDArray[Any], label: str) -> NDArray[np.float64]:
    """Return a list of positions (n, 2) if it is one; raises ResultError."""
    numbers = values.astype(np.float64) if values.dtype.kind in "iu" else values
    return Axes().fit(numbers, np.float64, "n 2", label, finite=True)


def pixel_size(values: NDArray[Any], label: str) -> Pair:
    """Return one or two lengths as (y, x); raises ResultError."""
    lengths = np.real(values).reshape(-1)
    if lengths.size not in (1, 2) or not np.isfinite(lengths).all() or lengths.min() <= 0:
        raise ResultError(f"{label} must be the pixel size, one or two lengths in metres.")
    return float(lengths[0]), float(lengths[-1])


def left_out(objects: NDArray[Any], probes: NDArray[Any]) -> list[str]:
    """Say of which layers and variations only the first is shown."""
    notices = []
    layers = int(np.prod(objects.shape[:-2]))
    if layers > 1:
        notices.append(f"The object has {layers} layers; the first was taken.")
    variations = int(np.prod(probes.shape[:-3])) if probes.ndim > 3 else 1
    if variations > 1:
        notices.append(f"The probe has {variations} variations; the first was taken.")
    return notices


def _last(values: NDArray[Any], ndim: int) -> NDArray[Any]:
    """Return the first entry of what precedes the last axes."""
    while values.ndim > ndim and len(values):
        values = values[0]
    return values
