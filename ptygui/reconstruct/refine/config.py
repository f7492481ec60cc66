"""How to refine, in one configuration; forms and command line are made from its descriptions. No torch."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ptygui.physics.names import Likelihood

Engine = Literal[
    "gradient",
    "adam",
    "epie",
    "rpie",
    "lsqml",
    "dm",
    "raar",
    "ptychi-epie",
    "ptychi-rpie",
    "ptychi-lsqml",
    "ptychi-autodiff",
    "ptychi-dm",
    "ptychi-raar",
]
ProbeFirst = Literal["auto", "yes", "no"]


class RefineConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that repeats a refinement, but for scan, start and device."""

    engine: Annotated[Engine, Meta(description="'gradient' suits every scan; the others are classics.")] = (
        "gradient"
    )
    epochs: Annotated[int, Meta(description="How often all patterns are seen.", ge=1, le=100_000)] = 40
    likelihood: Annotated[
        Likelihood, Meta(description="'amplitude' is robust, 'poisson' is right for few photons.")
    ] = "amplitude"
    probe_first: Annotated[
        ProbeFirst, Meta(description="'gradient' only: the probe before the object; auto: where doubtful.")
    ] = "auto"
    free_probe: Annotated[bool, Meta(description="Improve the probe.")] = True
    modes: Annotated[
        int, Meta(description="Modes of a partially coherent probe; 0: those of the start.", ge=0, le=12)
    ] = 0
    free_positions: Annotated[bool, Meta(description="Improve the positions.")] = False
    position_limit_px: Annotated[
        float, Meta(description="No position moves farther than this, in object pixels.", gt=0, le=64)
    ] = 4.0
    position_smoothness: Annotated[
        float, Meta(description="How strongly neighbours in time are held together; 0: not.", ge=0)
    ] = 0.0
    free_intensities: Annotated[
        bool, Meta(description="Let the brightness of the beam differ from pattern to pattern.")
    ] = False
    free_background: Annotated[
        bool, Meta(description="Find counts that every pattern has from elsewhere.")
    ] = False
    amplitude_bound: Annotated[
        float, Meta(description="Largest amplitude that the object may have; 0: no bound.", ge=0)
    ] = 0.0
    total_variation: Annotated[
        float, Meta(description="Contrast below which the object is smoothed; 0: not at all.", ge=0)
    ] = 0.0
    object_step: Annotated[
        float, Meta(description="Of the classic engines; 0: what suits the engine.", ge=0, le=2)
    ] = 0.0
    probe_step: Annotated[
        float, Meta(description="Of the classic engines; 0: what suits the engine.", ge=0, le=2)
    ] = 0.0
    batch_size: Annotated[int, Meta(description="Patterns at once; 0: chosen for the device.", ge=0)] = 0
    half_scan: Annotated[
        bool, Meta(description="Refine both halves of the patterns, and say how fine they agree.")
    ] = False
    seed: Annotated[int, Meta(description="Of the order in which patterns are seen.", ge=0)] = 0
    opr_modes: Annotated[
        int, Meta(description="pty-chi only: modes by which the probe varies; 0: not.", ge=0, le=12)
    ] = 0
    slices: Annotated[
        int, Meta(description="pty-chi only: planes of a thick object; 1: it is thin.", ge=1, le=64)
    ] = 1
    slice_spacing_um: Annotated[
        float, Meta(description="pty-chi only: from plane to plane of a thick object.", ge=0, le=1e6)
    ] = 0.0
    affine: Annotated[
        bool, Meta(description="pty-chi only: moved positions tend to one rotation, scale and shear.")
    ] = False


PRESETS: dict[str, RefineConfig] = {
    "quick": RefineConfig(epochs=10),
    "careful": RefineConfig(epochs=40, modes=2, free_positions=True, half_scan=True),
    "positions": RefineConfig(epochs=40, free_positions=True, position_limit_px=8.0),
    "low dose": RefineConfig(epochs=30, likelihood="poisson", total_variation=0.01),
}
"""Starts for everyday use, by name."""

PRESET_WORDS: dict[str, str] = {
    "quick": "Object and probe, 10 epochs.",
    "careful": "Object, two probe modes and positions, 40 epochs, and how fine the details are.",
    "positions": "For stages that do not stop where they say: positions may move by 8 pixels.",
    "low dose": "For few photons: Poisson likelihood, noise smoothed.",
}
