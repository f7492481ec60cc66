"""The configuration of a training run, the only one: TOML in and out, defaults included."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ptygui.core.errors import ConfigError
from ptygui.core.preparation import Preparation
from ptygui.core.toml import toml_text
from ptygui.generators.contract import Encoding
from ptygui.physics.names import Likelihood

Count = Annotated[int, Meta(ge=1)]
Natural = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]

Schedule = Literal["cosine", "plateau", "constant"]
Optimiser = Literal["adam", "adamw"]
Clipping = Literal["norm", "value", "adaptive", "none"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]

ENOUGH_STEPS = 1_000_000
"""More than any time budget allows: the run ends by its minutes."""


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


class SimulatedFamily(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="family"):
    """Simulated scans of many kinds of objects under many kinds of probes (core.simulate_family)."""

    pattern_px: Count = 64
    scans: Count = 200
    """How many scans are trained on; each has its own object, probe, overlap and light."""
    side: Annotated[int, Meta(ge=2)] = 6
    """Patterns along each side of a scan."""
    first_seed: Natural = 0
    """Seed of the first scan; the one that validates, of kinds never trained on, has that after the last."""
    least_photons: Positive = 1e4
    most_photons: Positive = 1e8
    """Mean count of a pattern."""
    probe_error_rad: Annotated[float, Meta(ge=0)] = 0.5
    """How far at most the probe that the generator is told is off (core.aberrations.misjudged); every scan
    has an error between none and this one. The patterns are explained by the true probe."""


class MeasuredScan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="scan"):
    """A scan in a file: trained on, without labels, and validated by its own whole canvas."""

    path: str
    preparation: Preparation = Preparation()
    """How the file is read, and what is done to the scan before anything is trained on it."""


class TrainConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that repeats a training run."""

    name: Annotated[str, Meta(description="What the bundle will be called.", min_length=1)]
    generator: Annotated[str, Meta(description="Architecture: 'stable_hybrid', ...")]
    generator_config: Annotated[
        dict[str, Any], Meta(description="What differs from the architecture's defaults.")
    ] = {}
    encoding: Annotated[
        Encoding,
        Meta(description="'projected' sees the pattern in real space too; 'amplitude' only as it is."),
    ] = "projected"
    data: SimulatedLines | SimulatedFamily | MeasuredScan
    probe_epochs: Annotated[
        int, Meta(description="Epochs of estimating the probe before the training; 0: the scan's own.", ge=0)
    ] = 0
    neighbourhood: Annotated[
        int, Meta(description="Overlapping patterns that are merged into one small canvas.", ge=1)
    ] = 9
    neighbourhoods_per_step: Annotated[int, Meta(description="Small canvases in a step.", ge=1)] = 1
    polish_steps: Annotated[
        int, Meta(description="Averaged projections of the small canvas before the loss.", ge=0)
    ] = 3
    loss: Annotated[
        Likelihood, Meta(description="'amplitude' is robust, 'poisson' is right for few photons.")
    ] = "amplitude"
    steps: Annotated[int, Meta(description="Steps of the optimiser after which the run ends.", ge=1)] = 2000
    minutes: Annotated[
        Positive | None, Meta(description="Minutes after which the run ends even if steps are left.")
    ] = None
    """The schedule follows whichever is nearer."""
    optimiser: Annotated[Optimiser, Meta(description="'adamw' lets weights decay.")] = "adam"
    learning_rate: Annotated[float, Meta(description="The highest rate.", gt=0)] = 1.5e-3
    weight_decay: Annotated[float, Meta(description="Of 'adamw'.", ge=0)] = 0.0
    schedule: Annotated[
        Schedule,
        Meta(description="'cosine' falls by a plan, 'plateau' when the object no longer gets better."),
    ] = "cosine"
    warmup_steps: Annotated[int, Meta(description="Over these the rate rises.", ge=0)] = 30
    final_rate: Annotated[
        float, Meta(description="Share of the rate that is left at the end of 'cosine'.", gt=0, le=1)
    ] = 0.02
    plateau_looks: Annotated[
        int, Meta(description="'plateau': looks at the canvas without progress before the rate falls.", ge=1)
    ] = 5
    plateau_factor: Annotated[
        float, Meta(description="'plateau': the rate falls to this share.", gt=0, lt=1)
    ] = 0.5
    clip: Annotated[
        Clipping,
        Meta(
            description="What limits a gradient: its norm, its values, its share of the weights, or nothing."
        ),
    ] = "norm"
    clip_limit: Annotated[float, Meta(description="The limit; for 'adaptive' about 0.01.", gt=0)] = 1.0
    averaging: Annotated[
        float,
        Meta(
            description="Decay of a running average of the weights, which is then used; 0: none.", ge=0, lt=1
        ),
    ] = 0.0
    precision: Annotated[
        Precision, Meta(description="Mixed precision is faster on a GPU; physics stays in 32 bits.")
    ] = "32-true"
    accumulate: Annotated[
        int, Meta(description="Batches whose gradients are added up to one step: saves memory.", ge=1)
    ] = 1
    rollbacks: Annotated[
        int,
        Meta(
            description="How often a run that breaks down may go back to its last healthy state before it "
            "ends; 0: it is only watched.",
            ge=0,
        ),
    ] = 3
    validate_every: Annotated[
        int, Meta(description="Steps between looks at the canvas, previews and checkpoints.", ge=1)
    ] = 100
    validation_patterns: Annotated[
        int, Meta(description="At most so many patterns in the middle of the scan are looked at.", ge=1)
    ] = 400
    seed: Annotated[int, Meta(description="The same seed gives the same run on a CPU.", ge=0)] = 0
    device: Annotated[str, Meta(description="'cpu', 'cuda:0', ...: as `ptygui devices` lists them.")] = "cpu"
    processes: Annotated[
        int, Meta(description="How many devices of this kind train together, one process each.", ge=1)
    ] = 1


def load_config(path: Path) -> TrainConfig:
    """Read a configuration.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, missing or of the wrong kind.
    """
    return parse_config(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Read a file of settings; raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
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
    return toml_text(config)
