"""The configuration of a training run, the only one: TOML in and out, defaults included."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import tomli_w

from ptygui.core.errors import ConfigError
from ptygui.generators.contract import Encoding
from ptygui.physics.names import Likelihood

Count = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class SimulatedLines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="lines"):
    """Simulated scans of grid-lines objects under one probe (core.simulate.lines_scan)."""

    pattern_px: Count = 64
    object_px: Count = 392
    step_px: Positive = 18.0
    photons_per_pattern: Positive = 1e9
    scans: Count = 2
    """How many objects are trained on."""
    first_seed: Natural = 100
    """Seed of the first object; the object that validates has the seed after the last."""


class MeasuredScan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="scan"):
    """A scan in a file: trained on, without labels, and validated by its own whole canvas."""

    path: str


class TrainConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that repeats a training run."""

    name: str
    """What the bundle will be called."""
    generator: str
    """Architecture: 'stable_hybrid', ..."""
    generator_config: dict[str, Any] = {}
    """What differs from the architecture's defaults."""
    encoding: Encoding = "projected"
    data: SimulatedLines | MeasuredScan
    probe_epochs: Natural = 0
    """Epochs of estimating the probe from the scan before the training; 0 takes the scan's own probe."""
    neighbourhood: Count = 9
    """Overlapping patterns that are merged into one small canvas."""
    neighbourhoods_per_step: Count = 1
    polish_steps: Natural = 3
    """Differentiable averaged projections of the small canvas before the loss."""
    loss: Likelihood = "amplitude"
    steps: Count = 2000
    minutes: Positive | None = None
    """Wall time after which the run ends even if steps are left; the schedule follows whichever is nearer."""
    learning_rate: Positive = 1.5e-3
    warmup_steps: Natural = 30
    final_rate: Positive = 0.02
    """The cosine ends at this share of the learning rate."""
    clip_norm: Positive = 1.0
    validate_every: Count = 100
    """Steps between looks at the whole canvas; also between previews and checkpoints."""
    validation_patterns: Count = 400
    """At most so many patterns, the nearest to the middle of the scan, are looked at."""
    seed: Natural = 0
    device: str = "cpu"
    """'cpu', 'cuda:0', ...: as `ptygui devices` lists them."""


def load_config(path: Path) -> TrainConfig:
    """Read a configuration.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, missing or of the wrong kind.
    """
    try:
        return parse_config(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error


def parse_config(text: str, source: str) -> TrainConfig:
    """Make a configuration from TOML; `source` names it in errors. Raises ConfigError."""
    try:
        return msgspec.toml.decode(text.encode(), type=TrainConfig)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{source} is no training configuration: {error}.") from error


def dump_config(config: TrainConfig) -> str:
    """Write a configuration as TOML, defaults included; what is None, which TOML lacks, is left out."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(config)))


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
