"""Watches over an engine: what rises or is no number is taken back, and tried with smaller steps."""

from __future__ import annotations

import math

from ptygui.core.events import Notice
from ptygui.physics.slope import Tally
from ptygui.physics.unknowns import Unknowns
from ptygui.reconstruct.refine.engines.base import Engine

RISE = 1.5
"""An epoch may be this much worse than the best one: small batches are not monotonic."""
PATIENCE = 5
"""How often the steps are halved."""


class Guard:
    """Knows the last state that is proven good; it begins with the start.

    The figures of most engines are those of the states on the way: they prove the state before the epoch.
    """

    def __init__(self, at: Unknowns, value: float) -> None:
        self.safe = self.latest = at
        self.lowest = value
        self.strikes = 0

    @property
    def gave_up(self) -> bool:
        """Whether smaller steps did not help."""
        return self.strikes > PATIENCE

    def accepts(self, value: float) -> bool:
        """Tell whether a value is a number and not much worse than the best."""
        return math.isfinite(value) and value <= RISE * self.lowest

    def check(self, engine: Engine, tally: Tally) -> Notice | None:
        """Judge an epoch that is done; takes the engine back if it went wrong, and says so."""
        if engine.at.finite and (engine.monotonic or self.accepts(tally.misfit)):
            self.lowest = min(self.lowest, tally.misfit)
            self.safe, self.latest = engine.at if engine.proven else self.latest, engine.at
            return None
        self.strikes += 1
        self.latest = self.safe
        engine.calm_down(self.safe)
        what = "rose" if math.isfinite(tally.misfit) and engine.at.finite else "was no number any more"
        return Notice(f"The residual {what}: back to the state before, with half the steps.", "warning")
