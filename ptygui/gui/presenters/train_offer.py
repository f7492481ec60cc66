"""What the training dialog begins with: what suits what is trained on, and what was chosen last."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from ptygui.core.scan import Scan
from ptygui.gui.presenters.training_backend import Architecture, Size, TrainingBackend
from ptygui.gui.widgets import numbers
from ptygui.train.config import ENOUGH_STEPS, MeasuredScan, SimulatedFamily, SimulatedLines, TrainConfig

KINDS: dict[str, type[SimulatedLines] | type[SimulatedFamily]] = {
    "grid lines under one probe": SimulatedLines,
    "many objects under many probes": SimulatedFamily,
}
"""What can be simulated, in words."""


class TrainChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered from one training to the next."""

    generator: str = "stable_hybrid"
    size: Size | None = "medium"
    """None: another one, which is not remembered."""
    minutes: float = 5.0


def read_choices(text: str) -> TrainChoices:
    """Read what was remembered; what makes no sense counts as not there."""
    try:
        return msgspec.json.decode(text, type=TrainChoices)
    except msgspec.MsgspecError:
        return TrainChoices()


@dataclass(frozen=True)
class TrainOffer:
    """What the dialog shows first."""

    config: TrainConfig
    subject: str
    """What would be trained on, in a line."""
    patterns: int | None
    """How many patterns there are, None if that is not known."""
    scan_px: int | None
    """Side of the patterns of a measured scan; None if they are simulated."""
    architectures: Sequence[Architecture]
    devices: Sequence[str]

    @property
    def is_simulated(self) -> bool:
        """Whether the patterns are made up."""
        return self.scan_px is None

    def size_of(self, config: TrainConfig) -> Size | None:
        """Return which of the sizes a configuration has, None if it has another one."""
        one = next((one for one in self.architectures if one.name == config.generator), None)
        if one is None:
            return None
        same = (size for size, changes in one.sizes.items() if changes == config.generator_config)
        return next(same, None if config.generator_config else one.usual)

    def changes(self, generator: str, size: Size | None) -> dict[str, object]:
        """Return what a size changes in the configuration of an architecture."""
        sizes = next((one.sizes for one in self.architectures if one.name == generator), {})
        return {} if size is None else dict(sizes.get(size, {}))

    def adopt(self, config: TrainConfig) -> TrainConfig:
        """Return settings of elsewhere for what is trained on here; simulations are taken as they come."""
        if self.is_simulated and not isinstance(config.data, MeasuredScan):
            return config
        return msgspec.structs.replace(config, data=self.config.data)

    def pattern_px(self, config: TrainConfig) -> int:
        """Return the side of the patterns that would be trained on."""
        data = config.data
        if isinstance(data, MeasuredScan):
            return self.scan_px or 64
        return data.pattern_px

    def steps_in(self, epochs: float, patterns_per_step: int) -> int:
        """Return in how many steps every pattern is seen `epochs` times on average."""
        return max(1, math.ceil(epochs * (self.patterns or 1) / patterns_per_step))


def offer_scan(
    backend: TrainingBackend, scan: Scan, device: str, devices: Sequence[str], choices: TrainChoices
) -> TrainOffer:
    """Offer to train on a measured scan (for a worker)."""
    metadata = scan.metadata
    path = Path(metadata.path or metadata.name)
    config = backend.scan_config(path, choices.generator, choices.minutes, device, metadata.preparation)
    count, height, width = scan.patterns.shape
    shape = f"{height} × {width}{numbers.SPACE}px"
    subject = f"{metadata.name}: {numbers.grouped(count)} patterns of {shape}, without labels"
    offer = TrainOffer(
        config, subject, count, min(height, width), backend.architectures(), _with(device, devices)
    )
    return _as_chosen(offer, choices)


def offer_simulated(
    backend: TrainingBackend, device: str, devices: Sequence[str], choices: TrainChoices
) -> TrainOffer:
    """Offer to train on simulated objects (for a worker)."""
    name = f"{choices.generator}-lines"
    config = TrainConfig(
        name=name,
        generator=choices.generator,
        data=SimulatedLines(),
        minutes=choices.minutes,
        steps=ENOUGH_STEPS,
        device=device,
    )
    architectures = backend.architectures()
    offer = TrainOffer(config, "Simulated objects", None, None, architectures, _with(device, devices))
    return _as_chosen(offer, choices)


def _with(device: str, devices: Sequence[str]) -> list[str]:
    return [*devices] if device in devices else [device, *devices]


def _as_chosen(offer: TrainOffer, choices: TrainChoices) -> TrainOffer:
    changes = offer.changes(choices.generator, choices.size)
    config = msgspec.structs.replace(offer.config, generator_config=changes)
    return replace(offer, config=config)
