"""Whether enough of a scan is left to reconstruct from: said in sentences, never refused."""

from __future__ import annotations

from ptygui.core.scan import Scan

LEAST_SIDE_PX = 16
"""Intensities are the transform of an autocorrelation, which is twice as wide as the wave: they tell a probe
only if it fills at most half of the window. Fewer than 8 pixels hold no probe worth the name."""
LEAST_MEASURED = 0.5
"""Such a window samples intensities twice as finely as the wave: with fewer than half of its pixels nothing
of that is left over. Where a crop reaches over the rim it is one side, half of where the light goes."""
LEAST_PATTERNS = 4
"""Two by two: the fewest places whose probes overlap along rows and along columns. With fewer it stays open,
in one direction at least, what is object and what is probe."""


def too_little(scan: Scan) -> tuple[str, ...]:
    """Return a sentence for each of which there is too little: pixels, measured pixels, patterns."""
    height, width = scan.pattern_shape
    bad = 0.0 if scan.bad_pixels is None else float(scan.bad_pixels.mean())
    found = (
        min(height, width) < LEAST_SIDE_PX
        and f"Patterns of {height} × {width} px hardly hold a probe: {LEAST_SIDE_PX} px or more are needed.",
        1 - bad < LEAST_MEASURED
        and f"Only {1 - bad:.0%} of the pixels are measured: the rest of each pattern is made up.",
        len(scan) < LEAST_PATTERNS
        and f"Of {_patterns(len(scan))} hardly anything can be reconstructed: at least {LEAST_PATTERNS} that "
        "overlap are needed.",
    )
    return tuple(sentence for sentence in found if sentence)


def _patterns(count: int) -> str:
    return "1 pattern" if count == 1 else f"{count} patterns"
