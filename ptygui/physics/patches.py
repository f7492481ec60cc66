"""Placing patches on canvases and cutting them out again: two adjoint maps given by one index tensor.

A tensor of canvases (g, rows, cols) is addressed flat; `patch_indices` says for every pixel of every patch
where it lies, `place` sums patches there and `extract` reads them back: <place(p), c> = <p, extract(c)>.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ptygui.physics.shift import shift_subpixel


@dataclass(frozen=True)
class Layout:
    """Where patches of the size (H, W) lie on canvases.

    Attributes
    ----------
    indices : (n, H, W) int64
        Flat addresses in a tensor of canvases of shape `canvases`.
    fractions : (n, 2) float32
        Sub-pixel rest (y, x) of every position.
    canvases : (g, rows, cols)
    origins : (g, 2) int64
        Object pixel (row, col) of element [0, 0] of every canvas.
    """

    indices: Tensor
    fractions: Tensor
    canvases: tuple[int, int, int]
    origins: Tensor

    def to(self, device: torch.device | str) -> Layout:
        """Return the same layout with its tensors on another device."""
        return Layout(
            self.indices.to(device), self.fractions.to(device), self.canvases, self.origins.to(device)
        )

    def subset(self, chosen: Tensor) -> Layout:
        """Return the layout of some of the patches on the same canvases."""
        return Layout(self.indices[chosen], self.fractions[chosen], self.canvases, self.origins)

    def place(self, stack: Tensor) -> Tensor:
        """Sum a stack (n, H, W) into canvases (g, rows, cols)."""
        g, rows, cols = self.canvases
        flat = torch.zeros(g * rows * cols, dtype=stack.dtype, device=stack.device)
        return flat.index_add(0, self.indices.reshape(-1), stack.reshape(-1)).reshape(self.canvases)

    def extract(self, canvases: Tensor) -> Tensor:
        """Cut the patches (n, H, W) out of canvases (g, rows, cols)."""
        return canvases.reshape(-1).index_select(0, self.indices.reshape(-1)).reshape(self.indices.shape)

    def shift_probe(self, probe: Tensor) -> Tensor:
        """Move the probe (modes, H, W) by every pattern's sub-pixel rest: (n, modes, H, W)."""
        return shift_subpixel(probe.expand(len(self.fractions), *probe.shape), self.fractions)

    def merge(self, patches: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Weighted mean of overlapping patches, moved by their sub-pixel rests.

        Parameters
        ----------
        patches : (n, H, W) complex, each centred on its own position
        weights : (H, W) float

        Returns
        -------
        canvases : (g, rows, cols) complex, 1 where nothing lies
        illumination : (g, rows, cols) float, sum of weights
        """
        weight_stack = weights.expand(patches.shape)
        total = self.place(shift_subpixel(patches * weight_stack, self.fractions))
        illumination = self.place(shift_subpixel(weight_stack, self.fractions))
        empty = illumination < 1e-6
        mean = total / torch.where(empty, 1.0, illumination)
        return torch.where(empty, torch.ones_like(mean), mean), illumination


def layout(positions_px: Tensor, groups: Tensor, patch_shape: Sequence[int]) -> Layout:
    """Lay patches out on as small canvases as hold them, one canvas a group.

    Parameters
    ----------
    positions_px : (n, 2) float64, (y, x) of the patch centres
    groups : (n,) int64, number 0..g-1 of the canvas on which each patch lies
    patch_shape : (H, W)
    """
    height, width = patch_shape
    nearest = torch.round(positions_px)
    lowest = _lowest_per_group(nearest.long(), groups)
    corners = nearest.long() - lowest[groups]
    rows, cols = (int(v) for v in (corners.amax(dim=0) + torch.tensor([height, width])).tolist())
    row = corners[:, 0, None] + torch.arange(height)
    col = corners[:, 1, None] + torch.arange(width)
    indices = (groups[:, None, None] * rows + row[:, :, None]) * cols + col[:, None, :]
    origins = lowest - torch.tensor([height // 2, width // 2])
    return Layout(indices, (positions_px - nearest).float(), (len(lowest), rows, cols), origins)


def _lowest_per_group(nearest: Tensor, groups: Tensor) -> Tensor:
    """Smallest (y, x) of every group, (g, 2) int64."""
    lowest = torch.full((int(groups.max()) + 1, 2), torch.iinfo(torch.int64).max)
    return lowest.scatter_reduce(0, groups[:, None].expand(-1, 2), nearest, "amin")
