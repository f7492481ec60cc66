"""What a scan or a result holds, in words: what of it a format has no place for is said with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.scan import Scan

PROBE = "the probe"
OBJECT = "the object"
POSITIONS = "the positions"
PATTERNS = "the patterns"
BAD_PIXELS = "the bad pixels"
DARK = "the dark"
FLAT = "the flat field"
MONITOR = "the monitor"
ENERGY = "the energy"
DISTANCE = "the distance"
DETECTOR_PIXEL = "the detector pixel"
PIXEL_SIZE = "the object's pixel size"
INTENSITIES = "the brightness of each pattern"
BACKGROUND = "the background"
COVERAGE = "which pixels are covered"
EVIDENCE = "the evidence pattern by pattern"
HISTORY = "how it was made"

GEOMETRY = frozenset({ENERGY, DISTANCE, DETECTOR_PIXEL})


def contents_of_scan(scan: Scan) -> list[str]:
    """Name what a scan holds; a pixel size that follows from the geometry is nothing besides it."""
    known = scan.metadata
    pieces = {
        PATTERNS: scan.patterns,
        POSITIONS: scan.positions,
        PROBE: scan.probe,
        OBJECT: scan.reference_object,
        BAD_PIXELS: scan.bad_pixels,
        DARK: scan.dark,
        FLAT: scan.flat,
        MONITOR: scan.monitor,
        ENERGY: known.energy_ev,
        DISTANCE: known.distance_m,
        DETECTOR_PIXEL: known.detector_pixel_m,
        HISTORY: known.name,
    }
    there = [piece for piece, value in pieces.items() if value is not None]
    return there if known.pixel_size_m is None or set(there) >= GEOMETRY else [*there, PIXEL_SIZE]


def contents_of_result(result: Reconstruction, stage: StageResult) -> list[str]:
    """Name what a stage of a result holds."""
    pieces = {
        OBJECT: stage.image,
        PIXEL_SIZE: stage.image.pixel_size_m,
        COVERAGE: None if stage.image.covered.all() else stage.image.covered,
        PROBE: stage.probe,
        POSITIONS: stage.positions_px,
        INTENSITIES: stage.intensities,
        BACKGROUND: stage.background,
        EVIDENCE: stage.evidence,
        ENERGY: result.recipe.get("energy_ev"),
        DISTANCE: result.recipe.get("distance_m"),
        HISTORY: result.scan_name,
    }
    return [piece for piece, value in pieces.items() if value is not None]


def left_out(title: str, there: Iterable[str], held: Iterable[str]) -> str | None:
    """Say in one sentence what a format has no place for; None if it takes everything."""
    places = set(held)
    missing = [piece for piece in there if piece not in places]
    if not missing:
        return None
    verb = "is" if len(missing) == 1 else "are"
    return f"{title} has no place for {listed(missing)}, which {verb} left out."


def listed(words: Sequence[str]) -> str:
    """Write 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
