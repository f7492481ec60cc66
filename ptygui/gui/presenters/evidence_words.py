"""Evidence in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptygui.core.events import StageResult
from ptygui.gui.widgets import numbers

if TYPE_CHECKING:
    from ptygui.core.frc import RingCorrelation

_NO_HALVES = (
    "No half-scan test was made, so how fine the details are is not known: refine with “careful”, or with "
    "“half scan” in the settings."
)


def missing_words(stage: StageResult) -> str:
    """Say what the refinement of a picture could have found out besides; empty if nothing."""
    if stage.evidence is None or stage.evidence.half_scan is not None:
        return ""
    return _NO_HALVES


def resolution_words(correlation: RingCorrelation) -> str:
    """Write the half period at which the correlation falls below the 1/2-bit threshold."""
    pixels, metres = correlation.resolution_px(), correlation.resolution_m()
    if pixels is None:
        return "not even the coarsest details agree (½ bit)"
    in_pixels = f"{numbers.significant(pixels)}{numbers.SPACE}px"
    size = in_pixels if metres is None else numbers.quantity(metres, "m")
    return f"details agree down to {size} (½ bit)"
