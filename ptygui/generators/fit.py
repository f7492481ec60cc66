"""How well a trained generator fits a scan, in sentences. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptygui.core.describe import has_whole_counts, mean_photons, scan_fingerprint, typical_overlap
from ptygui.core.probe import probe_similarity
from ptygui.core.scan import Scan
from ptygui.generators.contract import BundleCard, FitSentence, GeneratorSpec

ALIKE = 0.95
"""Similarity from which two probes count as the same."""
RELATED = 0.7
"""Similarity below which a generator meets a probe that is new to it."""
SAME_PIXEL = 0.05
"""Relative difference of pixel sizes that does not matter."""
PHOTON_FACTOR = 10.0
"""How many times fewer photons than in training are worth a warning."""
LESS_OVERLAP = 0.1
"""How much less of neighbouring probes may overlap than in training."""

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def check(
    card: BundleCard, scan: Scan, bundle_probe: NDArray[np.complex64] | None = None
) -> list[FitSentence]:
    """Say what fits and what does not; a sentence of level 'problem' means that it cannot be used.

    Parameters
    ----------
    card : BundleCard
    scan : Scan
    bundle_probe : (modes, H, W) complex64 or None
        The generator's own probe (bundle.read_probe); None leaves probes uncompared.

    Raises
    ------
    ScanError
        If patterns cannot be read: a few are, for their photons and for the scan's fingerprint.
    """
    sentences = [_size(card.spec, scan.pattern_shape)]
    if card.scan_fingerprint is not None and card.scan_fingerprint == scan_fingerprint(scan):
        return [*sentences, _ok("It was trained on this very scan.")]
    found = (
        _probe(bundle_probe, scan),
        _pixel_size(card, scan),
        _photons(card, scan),
        _overlap(card, scan),
    )
    return [*sentences, *(sentence for sentence in found if sentence is not None)]


def _size(spec: GeneratorSpec, shape: tuple[int, int]) -> FitSentence:
    height, width = shape
    divisor, trained = spec.size_divisor, spec.input_size
    if min(shape) < 2 * divisor or height % divisor or width % divisor:
        return _problem(
            f"The patterns are {height} × {width} pixels; this generator takes multiples of {divisor} from "
            f"{2 * divisor} on: crop or pad the patterns."
        )
    if shape == (trained, trained):
        return _ok(f"The patterns are {height} × {width} pixels, as in its training.")
    relation = "smaller" if height * width < trained**2 else "larger"
    return _warning(
        f"The patterns are {height} × {width} pixels, {relation} than the {trained} × {trained} of its "
        "training: expect a picture that is wrong or poor. Better train a generator on this scan."
    )


def _probe(own: NDArray[np.complex64] | None, scan: Scan) -> FitSentence | None:
    scans = scan.probe
    if own is None:
        return None
    if scans is None:
        return _instead_of_none(own, scan)
    if own.shape[1:] != scans.shape[1:]:
        return None  # the sizes were spoken of already
    similarity = probe_similarity(own, scans)
    if similarity >= ALIKE:
        return _ok(f"The scan's probe is the one it was trained with (similarity {similarity:.2f}).")
    degree = "differs somewhat from" if similarity >= RELATED else "is quite another than"
    return _warning(
        f"The scan's probe {degree} the one it was trained with (similarity {similarity:.2f} of 1): "
        "look at the result with care, or train on this scan."
    )


def _instead_of_none(own: NDArray[np.complex64], scan: Scan) -> FitSentence:
    """Speak of the generator's probe where the scan has none."""
    if own.shape[1:] == scan.pattern_shape:
        return _warning("The scan has no probe; the one the generator was trained with takes its place.")
    height, width = own.shape[1:]
    return _problem(
        f"The scan has no probe, and the generator's is for patterns of {height} × {width} pixels: train a "
        "generator on this scan, or crop or pad the patterns to that size."
    )


def _pixel_size(card: BundleCard, scan: Scan) -> FitSentence | None:
    trained, here = card.pixel_size_m, scan.metadata.pixel_size_m
    if trained is None or here is None:
        return None
    both = f"{_nanometres(here)} nm here, {_nanometres(trained)} nm in its training"
    if np.allclose(here, trained, rtol=SAME_PIXEL, atol=0):
        return _ok(f"The object pixel is the same ({both}).")
    return _warning(f"The object pixel differs ({both}): structures look larger or smaller than it learnt.")


def _photons(card: BundleCard, scan: Scan) -> FitSentence | None:
    if card.photons_per_pattern is None or not has_whole_counts(scan):
        return None  # patterns in arbitrary units do not tell their photons
    here = mean_photons(scan)
    both = (
        f"{_power_of_ten(here)} photons a pattern here, {_power_of_ten(card.photons_per_pattern)} in training"
    )
    if here * PHOTON_FACTOR >= card.photons_per_pattern:
        return _ok(f"There is light enough ({both}).")
    return _warning(f"There is much less light ({both}): expect noise that it never saw.")


def _overlap(card: BundleCard, scan: Scan) -> FitSentence | None:
    here = typical_overlap(scan)
    if card.overlap is None or here is None:
        return None
    both = f"{here:.0%} here, {card.overlap:.0%} in its training"
    if here >= card.overlap - LESS_OVERLAP:
        return _ok(f"Neighbouring probes overlap enough ({both}).")
    return _warning(f"Neighbouring probes overlap less ({both}): expect seams and a less certain phase.")


def _power_of_ten(value: float) -> str:
    """8192 -> '8.2 × 10³'."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def _nanometres(size_m: tuple[float, float]) -> str:
    rows, cols = (f"{1e9 * size:.3g}" for size in size_m)
    return rows if rows == cols else f"{rows} x {cols}"


def _ok(text: str) -> FitSentence:
    return FitSentence("ok", text)


def _warning(text: str) -> FitSentence:
    return FitSentence("warning", text)


def _problem(text: str) -> FitSentence:
    return FitSentence("problem", text)
