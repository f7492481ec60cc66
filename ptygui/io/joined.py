"""Patterns of several sources, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import PatternSource


@dataclass(frozen=True)
class JoinedPatterns:
    """The patterns of `parts`, all of one size, counted through; a PatternSource."""

    parts: tuple[PatternSource, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return sum(part.shape[0] for part in self.parts), *self.parts[0].shape[1:]

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the patterns at `indices`, (b, H, W) float32."""
        indices = np.asarray(indices, np.intp)
        frames = np.empty((len(indices), *self.shape[1:]), np.float32)
        start = 0
        for part in self.parts:
            stop = start + part.shape[0]
            here = np.flatnonzero((indices >= start) & (indices < stop))
            if len(here):
                frames[here] = part.read(indices[here] - start)
            start = stop
        return frames


def join(parts: list[PatternSource]) -> PatternSource:
    """Return the sources as one; they must be of one size."""
    return parts[0] if len(parts) == 1 else JoinedPatterns(tuple(parts))
