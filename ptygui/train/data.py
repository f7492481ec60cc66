"""What a run trains on: scans with their probes, and neighbourhoods of overlapping patterns.

A batch is a pure function of (seed, number), so a run that is resumed sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import KDTree
from torch import Tensor
from torch.utils.data import IterableDataset

from ptygui.core.scan import Scan
from ptygui.physics.forward import good_pixels, measured_amplitude
from ptygui.physics.patches import Layout, layout


@dataclass(frozen=True)
class NeighbourhoodBatch:
    """Some neighbourhoods of one scan.

    Attributes
    ----------
    scan : int
        Which of the training scans.
    amplitude : (n, H, W) float32
        Square roots of the counts, zero frequency in the centre.
    where : Layout
        One canvas a neighbourhood.
    """

    scan: int
    amplitude: Tensor
    where: Layout

    def to(self, device: torch.device | str) -> NeighbourhoodBatch:
        """Return the same batch on another device."""
        return NeighbourhoodBatch(self.scan, self.amplitude.to(device), self.where.to(device))


@dataclass(frozen=True)
class TrainingScan:
    """A scan whose probe is scaled so that the flat object is 1."""

    scan: Scan
    probe: NDArray[np.complex64]
    """(modes, H, W)."""
    simulated: bool = False
    """True if the scan's reference object is the truth."""
    told: NDArray[np.complex64] | None = None
    """(modes, H, W): the probe as the generator is told it, scaled alike; None: the same."""

    @cached_property
    def _tree(self) -> KDTree[None]:
        return KDTree(self.scan.positions_px)

    def neighbours(self, centres: NDArray[np.intp], count: int) -> NDArray[np.intp]:
        """Return the indices of the `count` nearest patterns of each centre, (len(centres), count)."""
        count = min(count, len(self.scan))
        _, found = self._tree.query(self.scan.positions_px[centres], k=count)
        return np.asarray(found, np.intp).reshape(len(centres), count)

    def middle(self, count: int) -> NDArray[np.intp]:
        """Return the indices of the `count` patterns nearest to the middle of the scan, in file order."""
        positions = self.scan.positions_px
        centre = (positions.min(axis=0) + positions.max(axis=0)) / 2
        nearest = np.argsort(np.hypot(*(positions - centre).T), kind="stable")
        return np.sort(nearest[:count])


class Neighbourhoods(IterableDataset[NeighbourhoodBatch]):
    """Endless batches of neighbourhoods, from number `first` on.

    Parameters
    ----------
    scans : list of TrainingScan
    size, per_step : int
        Patterns in a neighbourhood, neighbourhoods in a batch.
    seed, first : int
    share : (rank, processes)
        Of every `processes` batches, this process draws the one at `rank`; `first` counts its own.
    """

    def __init__(
        self,
        scans: list[TrainingScan],
        size: int,
        per_step: int,
        seed: int,
        first: int = 0,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.scans = scans
        self.size = size
        self.per_step = per_step
        self.seed = seed
        self.first = first
        self.share = share

    def __iter__(self) -> Iterator[NeighbourhoodBatch]:
        rank, processes = self.share
        for own in count(self.first):
            yield self.batch(own * processes + rank)

    def batch(self, number: int) -> NeighbourhoodBatch:
        """Return a batch by its number: a scan and centres in it, drawn at random."""
        rng = np.random.default_rng((self.seed, number))
        chosen = int(rng.integers(len(self.scans)))
        data = self.scans[chosen]
        centres = rng.choice(len(data.scan), min(self.per_step, len(data.scan)), replace=False)
        indices = data.neighbours(centres, self.size)
        return gather(chosen, data.scan, indices)


def gather(number: int, scan: Scan, indices: NDArray[np.intp]) -> NeighbourhoodBatch:
    """Read neighbourhoods, given by pattern indices (g, count)."""
    flat = indices.reshape(-1)
    groups = torch.arange(len(indices)).repeat_interleave(indices.shape[1])
    where = layout(torch.from_numpy(scan.positions_px[flat]), groups, scan.pattern_shape)
    return NeighbourhoodBatch(number, read_amplitude(scan, flat), where)


def read_amplitude(scan: Scan, indices: NDArray[np.intp]) -> Tensor:
    """Read the measured amplitudes at `indices`, (n, H, W) float32, zero at bad pixels; raises ScanError."""
    counts = torch.from_numpy(scan.patterns.read(indices))
    return measured_amplitude(counts, good_pixels(scan.bad_pixels))
