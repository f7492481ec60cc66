"""The numbers beside the pictures of the Prepare tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptygui.core.reading import DISAGREEMENT
from ptygui.gui.presenters.rows import Row
from ptygui.gui.widgets import numbers

if TYPE_CHECKING:
    from ptygui.gui.overview import Overview

LEAST_OVERLAP = 0.5
"""Below this, neighbouring probes hardly share anything, and ptychography has little to hold on to."""
SATURATED = 4
"""So many pixels with one and the same highest count look like the detector's limit."""


def figures(overview: Overview) -> list[Row]:
    """Say what a scientist checks first; the last of each row is True where it deserves a look."""
    rows = [_photons(overview), _kept(overview), _overlap(overview), _step(overview)]
    return [*rows, _pixels(overview), *_peak(overview), *_agreement(overview)]


def _photons(overview: Overview) -> Row:
    photons = overview.facts.photons_per_pattern
    if photons is None:
        return "photons a pattern", "arbitrary units", "The patterns are no whole counts.", False
    return "photons a pattern", numbers.scientific(photons), "Mean total count", photons < 100


def _kept(overview: Overview) -> Row:
    total, kept = len(overview.kept), int(overview.kept.sum())
    words = numbers.grouped(kept) if kept == total else f"{numbers.grouped(kept)} of {numbers.grouped(total)}"
    return "patterns", words, "Kept, of those in the file", False


def _overlap(overview: Overview) -> Row:
    overlap = overview.facts.overlap
    if overlap is None:
        return "overlap", numbers.UNKNOWN, "Unknown without a probe", False
    tip = "1 − step / probe diameter, the probe taken as a uniform disk"
    return "overlap", numbers.percent(overlap), tip, overlap < LEAST_OVERLAP


def _step(overview: Overview) -> Row:
    facts = overview.facts
    if facts.step_px is None:
        return "step", numbers.UNKNOWN, "There is only one pattern", False
    words = f"{numbers.significant(facts.step_px)}{numbers.SPACE}px"
    if facts.probe_diameter_px is None:
        return "step", words, "Median distance to the nearest other position", False
    diameter = f"Ø{numbers.SPACE}{numbers.significant(facts.probe_diameter_px)}{numbers.SPACE}px"
    too_far = facts.step_px > facts.probe_diameter_px
    return "step, probe", f"{words}, {diameter}", "Step between neighbours against the probe", too_far


def _pixels(overview: Overview) -> Row:
    bad = int(overview.bad.sum())
    share = bad / max(overview.bad.size, 1)
    return "bad pixels", numbers.grouped(bad), f"{numbers.percent(share, 1)} of the detector", share > 0.5


def _peak(overview: Overview) -> list[Row]:
    if overview.peak_pixels < SATURATED:
        return []
    words = f"{numbers.grouped(overview.peak_pixels)} pixels"
    tip = f"So many pixels reach exactly {numbers.grouped(overview.peak)}, the highest count: saturated?"
    return [("saturated?", words, tip, True)]


def _agreement(overview: Overview) -> list[Row]:
    off = overview.pixel_disagreement
    if off is None:
        return []
    tip = "Stated object pixel against the one that energy, distance and detector pixel give"
    words = "agree" if off < 5e-4 else f"differ by {numbers.percent(off, 1)}"
    return [("pixel sizes", words, tip, off > DISAGREEMENT)]
