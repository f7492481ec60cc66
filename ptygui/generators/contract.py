"""What a generator promises, in plain values: no torch is loaded here, so the window can read cards.

A generator is a network that maps an encoded diffraction pattern (C, H, W) to a complex patch (H, W) of
the object, in units in which the flat object is 1. The scan's scale lives in the probe: it is multiplied
by c, c² = mean_j sum(I_j) / sum|P|², so that the flat object explains the mean number of photons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

Encoding = Literal["amplitude", "projected"]

CHANNELS: dict[Encoding, int] = {"amplitude": 1, "projected": 3}

MAX_LEVELS = 10
"""Channels double at each level: more would not fit into any memory."""


class GeneratorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which network, and what it is fed."""

    architecture: str
    """Registered name: 'cnn', 'fno', 'hybrid', 'stable_hybrid', ..."""
    config: dict[str, Any] = {}
    """Complete configuration of the architecture, defaults included."""
    encoding: Encoding = "projected"
    input_size: int = 64
    """H = W of the patterns it was trained on."""

    def __post_init__(self) -> None:
        levels = self.config.get("levels", 1)
        if not isinstance(levels, int) or not 1 <= levels <= MAX_LEVELS:
            raise ValueError(f"`levels` must be a whole number from 1 to {MAX_LEVELS}, not {levels!r}")

    @property
    def size_divisor(self) -> int:
        """What the sides of patterns must be multiples of; `levels` levels halve them levels - 1 times."""
        levels: int = self.config.get("levels", 1)
        return 1 << (levels - 1)


class BundleCard(msgspec.Struct, frozen=True, kw_only=True):
    """The card in a bundle's header: what the generator is, what it saw, what it reaches."""

    schema: int = 1
    name: str
    spec: GeneratorSpec
    parameters: int
    trained_on: str
    """One sentence: which data, how long."""
    scan_fingerprint: str | None = None
    """Mark of the measured scan it was trained on (core.describe); None for simulated ones."""
    pixel_size_m: tuple[float, float] | None = None
    """(y, x) of the object."""
    photons_per_pattern: float | None = None
    """Mean total count."""
    overlap: float | None = None
    """Linear overlap of neighbouring probes, 0..1 (core.describe)."""
    metrics: dict[str, float] = {}
    """What it reaches, by name with the data in the name, e.g. 'demo.raw.amplitude_ssim'."""
    training: dict[str, Any] = {}
    """The complete training configuration."""
    code_version: str = ""
    created: str = ""
    licence: str = "BSD-3-Clause"


@dataclass(frozen=True)
class FitSentence:
    """One sentence on how a generator fits a scan."""

    level: Literal["ok", "warning", "problem"]
    """'problem' means that it cannot be used on this scan."""
    text: str
