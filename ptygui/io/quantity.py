"""What a few patterns tell about themselves: zero frequency at the corner or not, counts or amplitudes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ptygui.core.scan import PatternSource

SAMPLES = 16


@dataclass(frozen=True)
class TransformedPatterns:
    """Another source, brought to the canonical form as it is read.

    Attributes
    ----------
    source : PatternSource
    squared : bool
        The source holds amplitudes: square them.
    shifted : bool
        Its zero frequency is at the corner: move it to [H//2, W//2].
    """

    source: PatternSource
    squared: bool = False
    shifted: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """(n, H, W)."""
        return self.source.shape

    def read(self, indices: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read intensities at `indices`, (b, H, W) float32, zero frequency in the centre."""
        patterns = self.source.read(indices)
        if self.squared:
            patterns = patterns * patterns
        return np.fft.fftshift(patterns, axes=(1, 2)) if self.shifted else patterns


def sample_patterns(source: PatternSource, count: int = SAMPLES) -> NDArray[np.float32]:
    """Read a few patterns, evenly spread over the scan, (<= count, H, W)."""
    n = source.shape[0]
    return source.read(np.unique(np.linspace(0, n - 1, min(count, n)).astype(np.intp)))


@dataclass(frozen=True)
class ZeroFrequency:
    """Where the power of a mean pattern lies."""

    at_corner: bool
    corner_share: float
    centre_share: float

    @property
    def why(self) -> str:
        """The evidence in one sentence."""
        return (
            f"The middle quarter of the frame holds {100 * self.centre_share:.0f} % of the counts, "
            f"its four corners {100 * self.corner_share:.0f} %."
        )


def locate_zero_frequency(patterns: NDArray[np.float32]) -> ZeroFrequency:
    """Compare the power in the four corners with that in the middle, which has the same area.

    Parameters
    ----------
    patterns : (b, H, W) intensities or amplitudes
    """
    mean = np.nan_to_num(patterns.mean(axis=0, dtype=np.float64), posinf=0, neginf=0)
    total = mean.sum() or 1.0
    corner = _middle(np.fft.fftshift(mean)).sum() / total
    centre = _middle(mean).sum() / total
    return ZeroFrequency(bool(corner > centre), float(corner), float(centre))


def _middle(image: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = image.shape
    return image[height // 4 : height - height // 4, width // 4 : width - width // 4]
