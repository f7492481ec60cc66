"""Patterns as refinement wants them: amplitudes on the device, looked at again and again.

They stay on the device if they fit into a part of its memory; otherwise they are read anew in each epoch,
one batch ahead.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ptygui.core.evidence import Residual
from ptygui.core.scan import Batch, Scan
from ptygui.physics.forward import good_pixels, measured_amplitude
from ptygui.physics.slope import Measured, Tally
from ptygui.reconstruct.devices import list_devices
from ptygui.reconstruct.source import batches_of, prefetched

KEPT_SHARE = 0.25
"""Share of the free memory that patterns may take."""
_PLANE = (-2, -1)


class Data:
    """Some patterns of a scan, numbered from 0 in the order of `chosen`.

    Parameters
    ----------
    scan : Scan
    device : torch.device
    batch_size : int
    chosen : (k,) int or None
        None: all of them.
    """

    def __init__(
        self, scan: Scan, device: torch.device, batch_size: int, chosen: NDArray[np.intp] | None = None
    ) -> None:
        self.scan, self.device, self.batch_size = scan, device, batch_size
        self.chosen = np.arange(len(scan)) if chosen is None else chosen
        good = good_pixels(scan.bad_pixels)
        self._good = None if good is None else good.to(device)
        self.good = None if self._good is None else torch.fft.ifftshift(self._good, dim=_PLANE)
        count = len(self.chosen)
        self.amplitude_sums = torch.zeros(count, dtype=torch.float64, device=device)
        self.intensity_sums = self.amplitude_sums.clone()
        keeps = _fits(count, scan.pattern_shape, device)
        self._kept = torch.empty(count, *scan.pattern_shape, device=device) if keeps else None
        self._complete = False

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def pixels(self) -> int:
        """Good pixels of a pattern."""
        height, width = self.scan.pattern_shape
        return height * width if self.good is None else int(self.good.sum())

    def batches(self, order: Tensor | None = None) -> Generator[Measured]:
        """Yield all patterns, `batch_size` at a time.

        Parameters
        ----------
        order : (k,) int64 or None
            None: as they are numbered.
        """
        if self._kept is not None and self._complete:
            numbers = torch.arange(len(self)) if order is None else order
            for part in torch.split(numbers.to(self.device), self.batch_size):
                yield Measured(part, self._kept[part])
            return
        with closing(self._read(order)) as batches:
            for batch in batches:
                if self._kept is not None:
                    self._kept[batch.indices] = batch.amplitude
                yield batch
        self._complete = True

    def residual(self, tally: Tally) -> Residual:
        """Return R1 and R2 of what was looked at."""
        r1 = tally.absolute.sum() / self.amplitude_sums.sum().clamp_min(1e-30)
        r2 = (tally.squared.sum() / self.intensity_sums.sum().clamp_min(1e-30)).sqrt()
        return Residual(float(r1), float(r2))

    def _read(self, order: Tensor | None) -> Generator[Measured]:
        numbers = np.arange(len(self)) if order is None else order.cpu().numpy()
        done = 0
        with closing(prefetched(batches_of(self.scan, self.chosen[numbers], self.batch_size))) as batches:
            for batch in batches:
                yield self._measured(batch, numbers[done : done + len(batch)])
                done += len(batch)

    def _measured(self, batch: Batch, numbers: NDArray[np.intp]) -> Measured:
        counts = torch.from_numpy(batch.patterns).to(self.device)
        amplitude = torch.fft.ifftshift(measured_amplitude(counts, self._good), dim=_PLANE)
        indices = torch.from_numpy(numbers).to(self.device)
        self.amplitude_sums[indices] = amplitude.sum(dim=_PLANE, dtype=torch.float64)
        self.intensity_sums[indices] = amplitude.square().sum(dim=_PLANE, dtype=torch.float64)
        return Measured(indices, amplitude)


def _fits(count: int, shape: tuple[int, int], device: torch.device) -> bool:
    free = next((d.free_bytes for d in list_devices() if d.id == str(device)), None)
    return free is not None and 4.0 * count * shape[0] * shape[1] < KEPT_SHARE * free
