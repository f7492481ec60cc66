"""How good is it? What a stage's figures say, for whoever has to decide whether to believe the picture."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ptygui.core.events import StageResult
from ptygui.core.evidence import Residual
from ptygui.core.explain import computed_pattern
from ptygui.core.frc import RingCorrelation
from ptygui.core.judge_beam import judge_background, judge_brightness, judge_positions, judge_probe
from ptygui.core.judgement import Judgement, Level, length, named
from ptygui.core.scan import spread_indices

__all__ = ["Judgement", "judge"]

SAMPLE = 8
"""Patterns, spread over the scan, that are computed: enough for a mean."""
_NO_PROOF = (
    "R1 is the share of the measured amplitude that stays unexplained. Where photons are few noise alone "
    "leaves much; and a low one is no proof: object and probe can share an error, or follow the noise."
)
_NO_BETTER = (
    "The patterns are explained hardly better than by no object at all: refine longer, and check the "
    "positions and their orientation, the geometry, and the probe."
)
_UNEXPLAINED = (
    "Something is not in the model: let probe modes, positions, brightness and background free one after "
    "the other, mark bad pixels, or refine longer. Several counts a photon look like this as well."
)
_TAKES_UP_NOISE = (
    "There are many unknowns for so few patterns. Where counts are many that does little harm; otherwise "
    "refine for fewer epochs or with total variation, and believe details only after a half-scan test."
)
_FEW_COUNTS = 10.0
"""A pixel, in the mean; where there are more, noise that the picture takes up hardly shows in it."""
_SPOILT = (
    "Look at them: a closed shutter, a lost beam, a spike of the detector, a stage that had not settled. If "
    "they lie together, let positions and brightness free, and do not trust the object there."
)
_HALVES = (
    "There the Fourier ring correlation of the two falls below the 1/2-bit curve. The halves share probe and "
    "positions, so it does not see errors of these."
)


def judge(stage: StageResult) -> list[Judgement]:
    """Judge a picture by its evidence; what is not known is left out.

    Parameters
    ----------
    stage : StageResult

    Returns
    -------
    list of Judgement
        What counts most comes first; a single one of level 'info' if there is no evidence.
    """
    evidence = stage.evidence
    if evidence is None:
        return [_unknown(stage.residual)]
    computed = np.stack([computed_pattern(stage, i) for i in spread_indices(len(evidence.r1), SAMPLE)])
    found = (
        _residual(stage.residual, evidence.flat),
        _noise(evidence.deviance, computed),
        _worst(evidence.r1),
        _details(evidence.half_scan),
        judge_probe(stage.probe),
        *judge_positions(evidence.shifts_px, stage.image.pixel_size_m),
        judge_brightness(stage.intensities),
        judge_background(stage.background, computed),
    )
    return [judgement for judgement in found if judgement is not None]


def _unknown(residual: Residual | None) -> Judgement:
    known = f" but R1 = {residual.r1:.4f}" if residual else ""
    words = f"This picture was not refined: nothing is known of how good it is{known}."
    return Judgement("info", "evidence", words, "Refine it to learn more, with half scan if it is to count.")


def _residual(residual: Residual | None, flat: Residual | None) -> Judgement | None:
    if residual is None:
        return None
    words = f"R1 is {residual.r1:.4f}, R2 {residual.r2:.4f}"
    if flat is None:
        return Judgement("info", "residual", f"{words}.", _NO_PROOF)
    share = residual.r1 / flat.r1 if flat.r1 > 0 else 1.0
    words += f": {share:.0%} of the R1 of a flat object, {flat.r1:.4f}."
    if share < 0.95:
        return Judgement("ok", "residual", words, _NO_PROOF)
    return Judgement("warning" if share < 1 else "problem", "residual", words, _NO_BETTER)


def _noise(deviance: NDArray[np.float32] | None, computed: NDArray[np.float32]) -> Judgement | None:
    """Compare with what counts drawn from the computed patterns would leave."""
    if deviance is None or not np.isfinite(deviance).any():
        return None
    found = float(np.median(deviance[np.isfinite(deviance)]))
    noise = float(expected_deviance(computed).mean())
    words = f"The Poisson deviance is {found:.2f} a pixel, and noise alone leaves {noise:.2f}: "
    if found > 1.5 * noise:
        return Judgement("warning", "noise", f"{words}something is unexplained.", _UNEXPLAINED)
    if found < 0.8 * noise:
        level: Level = "warning" if computed.mean() < _FEW_COUNTS else "info"
        return Judgement(level, "noise", f"{words}the picture takes up noise.", _TAKES_UP_NOISE)
    meaning = "There is nothing more to be had from these patterns with this model."
    return Judgement("ok", "noise", f"{words}noise is all that is left.", meaning)


def expected_deviance(mean: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return E[2 (k ln(k / m) - k + m)] of Poisson counts k for each mean m: 1 for large m, 0 for none."""
    log_means, expected = _deviance_table()
    return np.asarray(np.interp(np.log(np.maximum(mean, 1e-6)), log_means, expected))


@cache
def _deviance_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum over the counts that have a chance; above the largest mean, 100, it stays within 0.2 % of 1."""
    counts, log_means = np.arange(300.0), np.linspace(np.log(1e-6), np.log(100), 400)
    means = np.exp(log_means)[:, None]
    chances = np.exp(counts * log_means[:, None] - means - gammaln(counts + 1))
    information = counts * np.log(np.maximum(counts, 1) / means)
    return log_means, np.sum(2 * chances * (information - counts + means), axis=1)


def _worst(r1: NDArray[np.float32]) -> Judgement:
    median = float(np.nanmedian(r1)) if np.isfinite(r1).any() else 0.0
    worst = np.flatnonzero(~(r1 <= max(2 * median, median + 0.01)))  # not >: without counts there is no R1
    if worst.size == 0:
        words = f"No pattern is explained much worse than the others (median R1 {median:.4f})."
        return Judgement("ok", "patterns", words, "All of them fit one object, probe and set of positions.")
    words = (
        f"{worst.size} of {len(r1)} patterns are explained much worse than the others (median R1 "
        f"{median:.4f}): {named(worst)}."
    )
    return Judgement("warning", "patterns", words, _SPOILT)


def _details(half_scan: RingCorrelation | None) -> Judgement | None:
    if half_scan is None:
        return None
    pixels = half_scan.resolution_px()
    if pixels is None:
        words = "Two objects, each from half of the patterns, do not agree in even the coarsest details."
        return Judgement("problem", "details", words, f"{_HALVES} Do not believe this object.")
    size = length(pixels, half_scan.resolution_m())
    words = f"Two objects, each from half of the patterns, agree down to details of {size}."
    if pixels > 4:
        return Judgement("warning", "details", words, f"{_HALVES} What is finer is noise: leave it alone.")
    return Judgement("ok", "details", words, _HALVES)
