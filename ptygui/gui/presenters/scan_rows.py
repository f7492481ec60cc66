"""What is known of a scan, in rows: with units, and what was guessed marked as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptygui.core.scan import Guess
from ptygui.gui.presenters.rows import Row
from ptygui.gui.widgets import numbers

if TYPE_CHECKING:
    from ptygui.core.describe import ScanFacts


def scan_rows(facts: ScanFacts) -> list[Row]:
    """Say what is known; what is unknown is left out, or said to be unknown where it matters."""
    rows = [
        _patterns(facts),
        _photons(facts),
        _positions(facts),
        _step(facts),
        _probe(facts),
        *_beam(facts),
    ]
    known = [row for row in rows if row is not None]
    warnings = [_warning(sentence) for sentence in facts.too_little]
    return [*warnings, *known, *(guess_row(guess) for guess in facts.guesses)]


def guess_row(guess: Guess) -> Row:
    """Say what a reader assumed, and why."""
    return guess.what, f"{guess.value} · guessed", guess.why, True


def _warning(sentence: str) -> Row:
    return "too little", sentence, "It can be reconstructed all the same; expect little of it", True


def _patterns(facts: ScanFacts) -> Row:
    height, width = facts.pattern_shape
    words = f"{numbers.grouped(facts.patterns)} of {height} × {width}{numbers.SPACE}px"
    tip = f"{numbers.byte_size(facts.bytes_in_memory)} if read at once; they are read in batches"
    if facts.bad_pixels:
        tip += f"; {numbers.grouped(facts.bad_pixels)} bad pixels left out"
    return "patterns", words, tip, False


def _photons(facts: ScanFacts) -> Row:
    if facts.photons_per_pattern is None:
        return "photons a pattern", "arbitrary units", "unknown: the patterns are no whole counts", False
    return "photons a pattern", numbers.scientific(facts.photons_per_pattern), "mean total count", False


def _positions(facts: ScanFacts) -> Row:
    if facts.extent_m is None:
        return "positions", "pixels (no geometry in file)", _extent_px(facts), False
    height, width = (numbers.quantity(size, "m") for size in facts.extent_m)
    return "scanned area", f"{height} × {width}", f"height × width; {_extent_px(facts)}", False


def _extent_px(facts: ScanFacts) -> str:
    height, width = (numbers.grouped(size) for size in facts.extent_px)
    return f"{height} × {width} object pixels"


def _step(facts: ScanFacts) -> Row | None:
    if facts.step_px is None:
        return None
    step = f"{numbers.significant(facts.step_px)}{numbers.SPACE}px"
    if facts.step_m is not None:
        step = numbers.quantity(facts.step_m, "m")
    if facts.overlap is None:
        return "step", step, "median distance to the nearest other position", False
    tip = f"1 − step / probe diameter; step {step}, the probe taken as a uniform disk"
    return "overlap", numbers.percent(facts.overlap), tip, False


def _probe(facts: ScanFacts) -> Row:
    if facts.probe_diameter_px is None:
        return "probe", "not in file", "the generator's own probe is used", False
    diameter = f"{numbers.significant(facts.probe_diameter_px)}{numbers.SPACE}px"
    modes = f"{facts.probe_modes} modes, " if facts.probe_modes > 1 else ""
    return "probe", f"{modes}Ø {diameter}", "diameter of the uniform disk as large as the probe", False


def _beam(facts: ScanFacts) -> list[Row]:
    rows: list[Row] = []
    if facts.energy_ev is not None:
        rows.append(("energy", numbers.quantity(facts.energy_ev, "eV", 4), "", False))
    if facts.pixel_size_m is not None:
        sizes = [numbers.quantity(size, "m") for size in facts.pixel_size_m]
        words = sizes[0] if sizes[0] == sizes[1] else " × ".join(sizes)
        rows.append(("object pixel", words, "height × width of a pixel of the object", False))
    return rows
