"""The learning rate: a warm-up, then what the chosen schedule makes of it."""

from __future__ import annotations

import math

import msgspec

from ptygui.train.config import Schedule

PROGRESS = 0.01
"""A canvas residual that is lower by this share is progress; less is not."""


def rate_factor(
    schedule: Schedule, step: int, progress: float, *, warmup_steps: int, final_rate: float
) -> float:
    """Share of the full learning rate by plan.

    Parameters
    ----------
    schedule : 'cosine', 'plateau' or 'constant'
        'cosine' falls along half a cosine; the others stay ('plateau' falls by what the looks show, which is
        no plan).
    step : int
        Steps done.
    progress : float
        How much of the run is done, 0..1, by steps or by time.
    warmup_steps : int
        Over these the factor rises linearly; 0: it is there at once.
    final_rate : float
        What 'cosine' leaves at the end.
    """
    rise = min(1.0, (step + 1) / max(warmup_steps, 1))
    return rise * (_cosine(progress, final_rate) if schedule == "cosine" else 1.0)


def _cosine(progress: float, final_rate: float) -> float:
    return final_rate + (1 - final_rate) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


class Plateau(msgspec.Struct, frozen=True):
    """How long the canvas has shown no progress."""

    best: float | None = None
    """The residual that progress is counted from."""
    waited: int = 0
    """Looks since then."""

    def after(self, r1: float, patience: int) -> tuple[Plateau, bool]:
        """Take in a look; returns the new state, and whether the rate is to fall now.

        Parameters
        ----------
        r1 : float
            Canvas residual of the look.
        patience : int
            Looks without progress after which the rate falls; then they are counted anew.
        """
        if self.best is None or r1 < self.best * (1 - PROGRESS):
            return Plateau(r1), False
        if self.waited + 1 >= patience:
            return Plateau(self.best), True
        return Plateau(self.best, self.waited + 1), False
