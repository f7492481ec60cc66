"""Where the windows of patterns lie on the array of the object, and by how much each is off the pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ptygui.physics.shift import shift_factors

MARGIN = 2
"""Pixels beyond the outermost windows. Positions that move shift the probe within its window."""


@dataclass(frozen=True)
class Windows:
    """Windows of size (H, W) on an array of (rows, cols); everything but `shape` lives on one device.

    Attributes
    ----------
    corners : (n,) int64
        Flat address of the first pixel of every window.
    rests : (n, 2) float
        Position less the middle [H//2, W//2] of the window, (y, x) in pixels.
    shape : (rows, cols)
    origin : (row, col)
        Object pixel, in the frame of the positions, of element [0, 0].
    offsets : (H W,) int64
        Flat addresses within a window, less that of its first pixel.
    window : (H, W)
    """

    corners: Tensor
    rests: Tensor
    shape: tuple[int, int]
    origin: tuple[int, int]
    offsets: Tensor
    window: tuple[int, int]

    def to(self, device: torch.device) -> Windows:
        """Return the same on another device."""
        return replace(
            self,
            corners=self.corners.to(device),
            rests=self.rests.to(device),
            offsets=self.offsets.to(device),
        )

    def addresses(self, chosen: Tensor) -> Tensor:
        """Return the flat addresses of all pixels of some windows, (b H W,)."""
        return (self.corners[chosen, None] + self.offsets).reshape(-1)

    def cut(self, values: Tensor, addresses: Tensor) -> Tensor:
        """Cut windows (b, H, W) out of the array."""
        return values.reshape(-1).index_select(0, addresses).reshape(-1, *self.window)

    def add(self, total: Tensor, stack: Tensor, addresses: Tensor) -> None:
        """Add windows (b, H, W) to the array `total`, in place."""
        total.view(-1).index_add_(0, addresses, stack.reshape(-1))

    def shift_factors(self, rests: Tensor) -> Tensor:
        """Return what moves the spectrum of a probe by `rests` (b, 2): (b, 1, H, W) complex."""
        rows, cols = shift_factors(self.window[0], rests[:, 0]), shift_factors(self.window[1], rests[:, 1])
        return rows[:, None, :, None] * cols[:, None, None, :]


def windows(
    positions_px: Tensor, window: tuple[int, int], margin: int = MARGIN, *, dtype: torch.dtype = torch.float32
) -> Windows:
    """Lay windows around positions, (n, 2) float64 (y, x), on the smallest array with a margin."""
    middle = torch.tensor([window[0] // 2, window[1] // 2], device=positions_px.device)
    nearest = torch.round(positions_px).long()
    origin = nearest.amin(dim=0) - middle - margin
    first = nearest - middle - origin
    rows, cols = (int(v) + side + margin for v, side in zip(first.amax(dim=0).tolist(), window, strict=True))
    offsets = torch.arange(window[0], device=first.device)[:, None] * cols + torch.arange(
        window[1], device=first.device
    )
    return Windows(
        corners=first[:, 0] * cols + first[:, 1],
        rests=(positions_px - nearest).to(dtype),
        shape=(rows, cols),
        origin=(int(origin[0]), int(origin[1])),
        offsets=offsets.reshape(-1),
        window=window,
    )
