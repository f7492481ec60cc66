"""From where a refinement stands to a result that can be shown, exported and refined again."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui.core import quality
from ptygui.core.describe import scan_fingerprint
from ptygui.core.events import Quality, Reconstruction, StageResult
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.scan import ObjectImage
from ptygui.physics.unknowns import Unknowns
from ptygui.reconstruct.engine import true_object
from ptygui.reconstruct.recipe import identity, short_hash, versions
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.finish import Easel
from ptygui.reconstruct.refine.workshop import Workshop

_INHERITED = ("generator_name", "bundle_id")
"""What exports look for in a recipe, whoever made it."""


@dataclass(frozen=True)
class Outcome:
    """A state, and what it took to get there."""

    workshop: Workshop
    config: RefineConfig
    at: Unknowns
    epochs: int
    seconds: float

    @property
    def easel(self) -> Easel:
        """Where the picture is made: the positions have not moved on average."""
        easel = self.workshop.easel
        return easel.without_drift(self.at) if self.config.free_positions else easel

    def result(
        self, residual: Residual | None, evidence: Evidence | None, notices: list[str]
    ) -> Reconstruction:
        """Make the result: the stages it began with, and the refined one."""
        image, scan = self.easel.image(self.at), self.workshop.scan
        refined = StageResult(
            "refined",
            image,
            self.at.probe.cpu().numpy(),
            self.easel.positions(self.at),
            residual,
            self._quality(image),
            self.seconds,
            self.epochs,
            evidence,
            *self._beam(),
        )
        stages = (*self.workshop.start.earlier, refined)
        coverage = self.workshop.start.coverage if len(stages) > 1 else 1.0
        return Reconstruction(stages, scan.metadata.name, self._recipe(), coverage, tuple(notices))

    def _beam(self) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
        """Return brightness and background; None for a steady beam, and for no background."""
        gains, glow = self.at.gains.cpu().numpy(), np.fft.fftshift(self.at.glow.cpu().numpy())
        return None if (gains == 1).all() else gains**2, glow**2 if glow.any() else None

    def _quality(self, image: ObjectImage) -> Quality | None:
        truth = true_object(self.workshop.scan)
        if truth is None:
            return None
        try:
            # a free probe leaves a ramp of the object's phase open
            positions = self.workshop.scan.positions_px
            return quality.compare(image, truth, positions, ramp=self.config.free_probe)
        except quality.ComparisonError:
            return None

    def _recipe(self) -> dict[str, object]:
        """Return everything that repeats the refinement, as plain values."""
        scan, start = self.workshop.scan, self.workshop.start
        before = None if start.before is None else {"stage": start.before.stage, "recipe": start.recipe}
        recipe: dict[str, object] = {
            **identity(scan, scan_fingerprint(scan)),
            **{key: start.recipe[key] for key in _INHERITED if key in start.recipe},
            "start": before or "flat",
            "refine": msgspec.to_builtins(self.config),
            "device_id": str(self.workshop.problem.data.device),
            "versions": versions(),
        }
        return {"id": short_hash(recipe), **recipe}
