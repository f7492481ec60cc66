"""The bundle of a run: written whenever it does better, so that it can be used while training goes on."""

from __future__ import annotations

import math
from datetime import datetime
from functools import cached_property

import msgspec
import numpy as np
import torch
from torch import nn

from ptygui import __version__
from ptygui.core.describe import scan_fingerprint, typical_overlap
from ptygui.core.errors import BundleError
from ptygui.generators.bundle import load_bundle, write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.runs.writer import RunWriter
from ptygui.train.checkpoint import Counters
from ptygui.train.module import TrainingModule
from ptygui.train.prepare import Material
from ptygui.train.scan_physics import ScanPhysics
from ptygui.train.validate import Look, look


class Result:
    """Writes the bundle.

    Parameters
    ----------
    module : TrainingModule
    material : Material
    spec : GeneratorSpec
    run : RunWriter
    """

    def __init__(
        self, module: TrainingModule, material: Material, spec: GeneratorSpec, run: RunWriter
    ) -> None:
        self.module = module
        self.material = material
        self.spec = spec
        self.run = run

    def keep_best(self, counters: Counters, seen: Look) -> None:
        """Write the generator as it is shown, which was found best."""
        card = self._card(counters, seen)
        write_bundle(
            self.run.paths.bundle, self.module.shown, card, self.material.validation.probe, overwrite=True
        )
        self.run.log(f"Wrote {self.run.paths.bundle.name}: canvas residual {seen.metrics['raw.r1']:.4f}")

    def finish(self) -> None:
        """Make sure that the bundle is that of the best state, even if a kill came between the two."""
        best = self.module.load(self.run.paths.checkpoints / "best.safetensors")
        if self._bundle_holds(self.module.shown):
            return
        config, data = self.module.config, self.material.validation
        indices = data.middle(config.validation_patterns)
        self.keep_best(
            best, look(self.module.shown, ScanPhysics(data, config), data, indices, config.polish_steps)
        )

    def _bundle_holds(self, generator: nn.Module) -> bool:
        try:
            kept = load_bundle(self.run.paths.bundle).generator.state_dict()
        except BundleError:  # not there yet, or damaged: it is written anew
            return False
        return all(torch.equal(value.cpu(), kept[name]) for name, value in generator.state_dict().items())

    def _card(self, best: Counters, seen: Look) -> BundleCard:
        """Say what the generator is, what it saw and what it reaches."""
        config, data = self.module.config, self.material.validation
        return BundleCard(
            name=config.name,
            spec=self.spec,
            parameters=count_parameters(self.module.generator),
            trained_on=f"{self.material.sentence}; {best.step} steps, {best.wall_s:.0f} s",
            scan_fingerprint=self._fingerprint,
            pixel_size_m=data.scan.metadata.pixel_size_m,
            photons_per_pattern=float(np.sum(np.abs(data.probe) ** 2)),
            overlap=self._overlap,
            metrics={n: round(value, 5) for n, value in seen.metrics.items() if math.isfinite(value)},
            training=msgspec.to_builtins(config),
            code_version=__version__,
            created=datetime.now().astimezone().isoformat(timespec="seconds"),
        )

    @cached_property
    def _fingerprint(self) -> str | None:
        data = self.material.validation
        return None if data.simulated else scan_fingerprint(data.scan)

    @cached_property
    def _overlap(self) -> float | None:
        data = self.material.validation
        return typical_overlap(data.scan.with_probe(data.probe))
