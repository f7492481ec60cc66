"""What the beam turned out to be, judged: modes, places, brightness, and counts from elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ptygui.core.judgement import Judgement, length, named
from ptygui.core.probe import orthogonalise_modes

_MOVED_PX = 1e-3
"""Shifts below are what rounding leaves of positions in metres."""


def judge_probe(probe: NDArray[np.complex64]) -> Judgement:
    """Say what the probe (modes, H, W) holds, and how coherent it is."""
    power = np.square(np.abs(orthogonalise_modes(probe))).sum(axis=(1, 2), dtype=np.float64)
    total = float(power.sum())
    words = f"The probe holds {total:.3g} counts, "
    if len(probe) == 1:
        meaning = "A fully coherent beam is assumed. If more than noise is left, try two or three modes."
        return Judgement("info", "probe", f"{words}all in one mode.", meaning)
    shares = power / (total or 1.0)
    words += f"in {len(probe)} modes: {', '.join(f'{share:.1%}' for share in shares)}."
    meaning = (
        "The first share tells how coherent the beam is; vibration and a blurred detector lower it too. "
        "Modes below 1 % can be left out."
    )
    return Judgement("warning" if shares[0] < 0.5 else "info", "probe", words, meaning)


def judge_positions(shifts_px: NDArray[np.float64], size: tuple[float, float] | None) -> list[Judgement]:
    """Say how far positions moved, shifts (n, 2) (y, x); nothing if they did not.

    `size` is the object pixel (y, x) in metres, if it is known.
    """
    shifts_px = np.where(np.hypot(*shifts_px.T)[:, None] < _MOVED_PX, 0.0, shifts_px)
    if not shifts_px.any():
        return []
    moved = np.hypot(*shifts_px.T)
    moved_m = None if size is None else np.hypot(*(shifts_px * np.asarray(size)).T)
    typical, most = (
        length(float(of(moved)), None if moved_m is None else float(of(moved_m)))
        for of in (np.median, np.max)
    )
    words = f"Positions moved by {typical} (median), at most {most}."
    meaning = "What the stage was off by; if the whole object moved along, nothing changes by that."
    found = _at_limit(shifts_px), _apart(shifts_px), _drift(shifts_px)
    return [Judgement("ok", "positions", words, meaning), *(one for one in found if one is not None)]


def _at_limit(shifts_px: NDArray[np.float64]) -> Judgement | None:
    """Shifts are real numbers: only a limit, of their length or along an axis, makes several equal."""
    sizes = np.hypot(*shifts_px.T), np.abs(shifts_px).max(axis=1)
    equal = max(int((size >= 0.999 * size.max()).sum()) for size in sizes)
    if equal < 3:
        return None
    words = f"{equal} of {len(shifts_px)} positions moved as far as they were allowed to."
    meaning = "They would go farther: raise the limit and refine on; or the geometry is wrong for all."
    return Judgement("warning", "position limit", words, meaning)


def _apart(shifts_px: NDArray[np.float64]) -> Judgement | None:
    """Compare each shift with the median of five in time."""
    off = np.hypot(*(shifts_px - median_filter(shifts_px, size=(5, 1), mode="nearest")).T)
    apart = np.flatnonzero(off > max(1.0, 6 * float(np.median(off))))
    if apart.size == 0:
        return None
    words = f"{apart.size} of {len(off)} positions moved otherwise than their neighbours: {named(apart)}."
    meaning = "Glitches of the stage, or patterns that lead astray: look at them, or raise the smoothness."
    return Judgement("warning", "jumps", words, meaning)


def _drift(shifts_px: NDArray[np.float64]) -> Judgement | None:
    """Lay a line through the shifts over the order of the patterns."""
    count = len(shifts_px)
    if count < 3:
        return None
    y, x = np.polyfit(np.arange(count), shifts_px, 1)[0] * (count - 1)
    if np.hypot(y, x) < 0.5:
        return None
    words = f"From the first position to the last they drifted by {y:.2f} px down and {x:.2f} px right."
    return Judgement("info", "drift", words, "Sample and beam moved apart during the scan; often it is heat.")


def judge_brightness(intensities: NDArray[np.float32] | None) -> Judgement | None:
    """Say how steady the beam was, (n,) relative brightness; None if it was not free."""
    if intensities is None:
        return None
    values = intensities.astype(np.float64)
    spread = float(values.std() / (values.mean() or 1.0))
    words = f"Brightness spreads by {spread:.1%}, from {values.min():.3g} to {values.max():.3g}."
    if spread < 0.2:
        return Judgement("ok", "brightness", words, "The beam was steady; what it did is accounted for.")
    meaning = "The beam was unsteady, or brightness takes up what the object should show: ask the monitor."
    return Judgement("warning", "brightness", words, meaning)


def judge_background(
    background: NDArray[np.float32] | None, computed: NDArray[np.float32]
) -> Judgement | None:
    """Say how much (H, W) is of whole patterns (k, H, W) that hold it; None if it was not free."""
    if background is None:
        return None
    counts = float(background.sum(dtype=np.float64))
    share = counts / (float(computed.sum(axis=(1, 2), dtype=np.float64).mean()) or 1.0)
    words = f"{share:.1%} of the counts are background, {counts:.3g} in each pattern."
    if share < 0.1:
        return Judgement("ok", "background", words, "Air, slits or the detector; it is accounted for.")
    meaning = "Much: shield the detector or subtract dark frames; or it takes up what modes should."
    return Judgement("warning", "background", words, meaning)
