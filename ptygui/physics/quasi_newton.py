"""L-BFGS in a metric: steps that learn the curvature from the slopes on the way.

Two-loop recursion of Nocedal & Wright, Numerical Optimization, algorithm 7.4, with the metric in the place of
its initial matrix, scaled as in eq. 7.20.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ptygui.physics.unknowns import Unknowns

Precondition = Callable[[Unknowns], Unknowns]

MEMORY = 8
"""Pairs of steps and changes of slope that are kept; 5 to 20 were equally good."""
LEAST_CURVATURE = 1e-8


class QuasiNewton:
    """Remembers the last steps."""

    def __init__(self, memory: int = MEMORY) -> None:
        self._pairs: deque[tuple[Unknowns, Unknowns]] = deque(maxlen=memory)

    @property
    def empty(self) -> bool:
        """Whether nothing was learnt yet: the next direction is the steepest one."""
        return not self._pairs

    def forget(self) -> None:
        """Begin anew: what is minimised has changed, or was misjudged."""
        self._pairs.clear()

    def learn(self, step: Unknowns, change: Unknowns) -> None:
        """Remember a step and how the gradient changed over it; not where that curves the wrong way."""
        if step.dot(change) > LEAST_CURVATURE * abs(step.dot(step)):
            self._pairs.append((step, change))

    def direction(self, gradient: Unknowns, metric: Precondition) -> Unknowns:
        """Return the step to take, downhill."""
        rest, shares = gradient, []
        for step, change in reversed(self._pairs):
            share = step.dot(rest) / step.dot(change)
            rest = rest.plus(change, -share)
            shares.append(share)
        found = metric(rest).times(self._scale(metric))
        for (step, change), share in zip(self._pairs, reversed(shares), strict=True):
            found = found.plus(step, share - change.dot(found) / step.dot(change))
        return found.times(-1.0)

    def _scale(self, metric: Precondition) -> float:
        if not self._pairs:
            return 1.0
        step, change = self._pairs[-1]
        return step.dot(change) / change.dot(metric(change))
