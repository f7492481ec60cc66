"""How to refine, in one configuration; forms and command line are made from its descriptions. No torch."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ptygui.physics.names import Likelihood

Engine = Literal["gradient", "adam", "epie", "rpie", "lsqml", "dm", "raar"]
ProbeFirst = Literal["auto", "yes", "no"]


def _about(words: str, **limits: float) -> Meta:
    return Meta(description=words, **limits)  # type: ignore[arg-type]


class RefineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that repeats a refinement, but for scan, start and device."""

    engine: Annotated[
        Engine, _about("The algorithm. 'gradient' suits every scan; the others are classics.")
    ] = "gradient"
    epochs: Annotated[int, _about("How often every pattern is seen.", ge=1, le=100_000)] = 40
    likelihood: Annotated[
        Likelihood,
        _about("What counts as near: 'amplitude' is robust, 'poisson' is right for few photons."),
    ] = "amplitude"
    probe_first: Annotated[
        ProbeFirst,
        _about("Improve the probe before the object. 'auto': where the flat object is explained badly."),
    ] = "auto"
    free_probe: Annotated[bool, _about("Improve the probe.")] = True
    modes: Annotated[
        int, _about("Probe modes of a partially coherent beam; 0: as many as the start has.", ge=0, le=12)
    ] = 0
    free_positions: Annotated[bool, _about("Improve the positions.")] = False
    position_limit_px: Annotated[
        float, _about("No position moves farther than this, in object pixels.", gt=0, le=64)
    ] = 4.0
    position_smoothness: Annotated[
        float, _about("How strongly neighbours in time are held together; 0: not at all.", ge=0)
    ] = 0.0
    free_intensities: Annotated[bool, _about("Let the beam's brightness differ from pattern to pattern.")] = (
        False
    )
    free_background: Annotated[bool, _about("Find counts that every pattern has from elsewhere.")] = False
    amplitude_bound: Annotated[
        float, _about("Largest amplitude that the object may have; 0: no bound.", ge=0)
    ] = 0.0
    total_variation: Annotated[
        float, _about("How strongly the object is smoothed, edges kept; 0: not at all.", ge=0)
    ] = 0.0
    object_step: Annotated[
        float, _about("Step of the object in the classic engines; 0: what suits the engine.", ge=0, le=2)
    ] = 0.0
    probe_step: Annotated[
        float, _about("Step of the probe in the classic engines; 0: what suits the engine.", ge=0, le=2)
    ] = 0.0
    batch_size: Annotated[int, _about("Patterns at once; 0: chosen for scan and device.", ge=0)] = 0
    half_scan: Annotated[
        bool,
        _about("Refine two halves of the patterns as well, and say how far into the details they agree."),
    ] = False
    seed: Annotated[int, _about("Of the order in which patterns are seen.", ge=0)] = 0


PRESETS: dict[str, RefineConfig] = {
    "quick": RefineConfig(epochs=10),
    "careful": RefineConfig(epochs=40, modes=2, free_positions=True, half_scan=True),
    "positions": RefineConfig(epochs=40, free_positions=True, position_limit_px=8.0),
    "low dose": RefineConfig(epochs=30, likelihood="poisson", total_variation=0.02),
}
"""Starts for everyday use, by name."""

PRESET_WORDS: dict[str, str] = {
    "quick": "Object and probe, 10 epochs.",
    "careful": "Object, two probe modes and positions, 40 epochs, and how fine the details are.",
    "positions": "For stages that do not stop where they say: positions may move by 8 pixels.",
    "low dose": "For few photons: Poisson likelihood, noise smoothed.",
}
