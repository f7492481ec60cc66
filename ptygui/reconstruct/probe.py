"""Which probe a reconstruction uses, and its scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import mean_photons
from ptygui.core.errors import RecipeError
from ptygui.core.fourier import detector_intensity, near_field
from ptygui.core.scan import Scan, spread_indices
from ptygui.reconstruct.recipe import ProbeChoice, ProbeSource

SCALE_PATTERNS = 256
"""Patterns from which the probe's scale is measured."""


@dataclass(frozen=True)
class ChosenProbe:
    """A probe with where it came from and why."""

    values: NDArray[np.complex64]
    source: ProbeSource
    why: str


def choose_probe(
    choice: ProbeChoice, scan: Scan, bundle_probe: NDArray[np.complex64] | None, trained_on_scan: bool
) -> ChosenProbe:
    """Choose between the scan's probe and the bundle's.

    Raises
    ------
    RecipeError
        If the wanted probe does not exist, or does not fit the patterns.
    """
    source, why = _choose_source(choice, scan, bundle_probe, trained_on_scan)
    values = scan.probe if source == "scan" else bundle_probe
    if values is None:
        raise RecipeError(_missing(choice, scan))
    if values.shape[1:] != scan.pattern_shape:
        instead = (
            "train a generator on this scan (its probe is estimated then), or crop or pad the patterns"
            if scan.probe is None
            else "choose the scan's probe"
        )
        raise RecipeError(
            f"The generator's probe has {values.shape[1]} x {values.shape[2]} pixels but the patterns of "
            f"{scan.metadata.name} have {scan.pattern_shape[0]} x {scan.pattern_shape[1]}: {instead}."
        )
    return ChosenProbe(values, source, why)


def _choose_source(
    choice: ProbeChoice, scan: Scan, bundle_probe: NDArray[np.complex64] | None, trained_on_scan: bool
) -> tuple[ProbeSource, str]:
    if choice != "auto":
        return choice, "as chosen"
    if bundle_probe is not None and trained_on_scan:
        return "bundle", "the generator was trained on this very scan"
    if scan.probe is None and bundle_probe is not None:
        return "bundle", "the scan has none"
    return "scan", "it belongs to this scan"


def own_probe(scan: Scan) -> NDArray[np.complex64]:
    """Return the scan's probe, or the focus that the mean pattern's amplitude would have, (modes, H, W)."""
    if scan.probe is not None:
        return scan.probe
    sample = np.nan_to_num(scan.patterns.read(spread_indices(len(scan), SCALE_PATTERNS)))
    mean = np.maximum(sample, 0).mean(axis=0, dtype=np.float64, keepdims=True)
    if scan.bad_pixels is not None:
        mean[:, scan.bad_pixels] = 0
    return np.asarray(near_field(np.sqrt(mean)), np.complex64)


def _missing(choice: ProbeChoice, scan: Scan) -> str:
    if choice == "bundle":
        return "The generator carries no probe: choose the scan's probe."
    if choice == "scan":
        return f"{scan.metadata.name} carries no probe: choose the generator's probe."
    return (
        f"Neither {scan.metadata.name} nor the generator carries a probe: train a generator on this scan "
        "first (the probe is estimated then), or add a probe to the file."
    )


def measure_scale(scan: Scan, probe: NDArray[np.complex64]) -> float:
    """Measure c, by which the probe is multiplied so that the flat object 1 explains the mean pattern.

    c² = mean_j sum(I_j) / sum|F|², with F the far field of the probe and both sums over the good pixels of
    the detector only (over all pixels sum|F|² = sum|P|²); from up to SCALE_PATTERNS patterns spread over
    the scan.

    Raises
    ------
    RecipeError
        If the patterns or the probe hold nothing.
    ScanError
        If patterns cannot be read.
    """
    good = np.ones(scan.pattern_shape, bool) if scan.bad_pixels is None else ~scan.bad_pixels
    explained = float(detector_intensity(probe)[good].sum())
    photons = mean_photons(scan, SCALE_PATTERNS)
    if not photons > 0:
        raise RecipeError(
            f"The patterns of {scan.metadata.name} hold no photons, so there is nothing to reconstruct."
        )
    if not (np.isfinite(explained) and explained > 0):
        raise RecipeError("The probe is empty or holds numbers that are not finite: choose another probe.")
    return float(np.sqrt(photons / explained))
