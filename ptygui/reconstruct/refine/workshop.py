"""Everything that a refinement has on its bench before the first epoch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ptygui.core.describe import has_whole_counts
from ptygui.core.events import JobControl
from ptygui.core.scan import Scan
from ptygui.physics.regularise import Regularisation
from ptygui.physics.slope import Setting, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.pace import Meter, Pace
from ptygui.reconstruct.peers.choice import refuse_foreign_options
from ptygui.reconstruct.plan import default_batch_size
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.data import Data
from ptygui.reconstruct.refine.engines.base import refuse_demands, refuse_unable
from ptygui.reconstruct.refine.evidence import HALF_EPOCHS
from ptygui.reconstruct.refine.finish import Easel
from ptygui.reconstruct.refine.phases import wanted
from ptygui.reconstruct.refine.problem import Problem
from ptygui.reconstruct.refine.start import Start, is_doubtful, place

FAINT = 0.1
"""Square root of the counts that a background begins with."""


@dataclass(frozen=True)
class Workshop:
    """See the module text."""

    scan: Scan
    start: Start
    problem: Problem
    easel: Easel
    start_at: Unknowns
    free: Free
    whole_counts: bool

    @classmethod
    def set_up(
        cls, scan: Scan, start: Start, config: RefineConfig, device: torch.device, control: JobControl
    ) -> Workshop:
        """Lay everything out on a device.

        Raises
        ------
        RecipeError
            If the engine cannot do what is asked.
        ScanError
            If patterns cannot be read.
        """
        refuse_unable(config.engine, wanted(config))
        refuse_demands(config)
        refuse_foreign_options(config)
        where, at, offset = place(start)
        where, at = where.to(device), _with_freedom(at, config).to(device)
        data = Data(scan, device, config.batch_size or default_batch_size(str(device), scan.pattern_shape))
        demands = Regularisation(config.amplitude_bound, config.total_variation, config.position_smoothness)
        moved = start.positions_px - scan.positions_px
        moved = moved - np.median(moved, axis=0)  # as a whole they may lie anywhere
        problem = Problem(
            data,
            Setting(where, config.likelihood, data.good),
            demands,
            torch.from_numpy(moved).to(at.shifts),
            config.position_limit_px,
            control,
            Meter(Pace("Refining", len(scan) * _passes(config))),
        )
        easel = Easel.set_up(where, at, offset, start.positions_px, scan.metadata.pixel_size_m)
        return cls(scan, start, problem, easel, at, wanted(config), has_whole_counts(scan))

    def probe_is_doubtful(self) -> bool:
        """Tell whether the start's probe explains even the mean pattern badly."""
        return is_doubtful(self.scan, self.start.probe)

    def deviance(self, tally: Tally) -> float | None:
        """Return the Poisson deviance per pixel, for amplitudes nearly; None if there are no counts.

        4 (m - A)² has the mean 1 of a deviance where the counts are not few.
        """
        if not self.whole_counts:
            return None
        data = self.problem.data
        return 4 * float(tally.values.sum()) / (len(data) * data.pixels)


def _passes(config: RefineConfig) -> int:
    """Return how often all patterns are looked at, for the progress: some looks more, and the halves."""
    return config.epochs + 5 + (HALF_EPOCHS + 1 if config.half_scan else 0)


def _with_freedom(at: Unknowns, config: RefineConfig) -> Unknowns:
    """Lift the background off zero, where its gradient vanishes."""
    return replace(at, glow=at.glow.clamp_min(FAINT)) if config.free_background else at
