"""The learning rate: a short warm-up, then half a cosine down to a small rest."""

from __future__ import annotations

import math


def rate_factor(step: int, progress: float, *, warmup_steps: int, final_rate: float) -> float:
    """Share of the full learning rate.

    Parameters
    ----------
    step : int
        Steps done.
    progress : float
        How much of the run is done, 0..1, by steps or by time.
    warmup_steps : int
        Over these the factor rises linearly.
    final_rate : float
        What is left at the end.
    """
    rise = min(1.0, (step + 1) / max(warmup_steps, 1))
    fall = final_rate + (1 - final_rate) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return rise * fall
