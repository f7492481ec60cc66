"""What the networks are made of: spectral convolution, convolution blocks, lifter and output head.

Tensors are (b, C, H, W) float32 unless a comment says otherwise.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn


def full_precision(tensor: Tensor) -> AbstractContextManager[object]:
    """Compute in 32 bits, on the tensor's device, what stands under this `with`, even in mixed precision."""
    if tensor.is_meta:  # has no precision to mix
        return nullcontext()
    return torch.autocast(tensor.device.type, enabled=False)


class SpectralConv(nn.Module):
    """Convolution by a learned filter that lives on the lowest spatial frequencies only.

    Fourier layer of Li et al., "Fourier neural operator for parametric partial differential equations",
    ICLR 2021: `irfft2(R @ rfft2(x))`, R one complex (C_out, C_in) matrix per kept frequency. A real image
    has a half spectrum whose low frequencies lie in two corners, at small positive and at small negative
    row frequencies; both are used. A weight belongs to a frequency index, so the layer works at any size;
    where an image has fewer frequencies than the layer, those that exist are used.

    Parameters
    ----------
    in_channels, out_channels : int
    modes : int
        Kept row frequencies of each sign, and kept column frequencies.
    one_corner : bool
        Leave negative row frequencies out: an early variant that is blind to half of all directions.
    """

    def __init__(self, in_channels: int, out_channels: int, modes: int, *, one_corner: bool = False) -> None:
        super().__init__()
        self.modes = modes
        self.corners = 1 if one_corner else 2
        # (real | imaginary, row sign, row frequency, column frequency, in, out)
        shape = (2, self.corners, modes, modes, in_channels, out_channels)
        # In place: a division of meta tensors (bundle.py) would import torch._dynamo, 2 s and 200 MiB.
        self.weight = nn.Parameter(torch.empty(shape).uniform_(0.0, 1.0 / (in_channels * out_channels)))

    def forward(self, x: Tensor) -> Tensor:
        """(b, C_in, H, W) -> (b, C_out, H, W) float32, in full precision: 16 bits cannot hold a spectrum."""
        with full_precision(x):
            return self._filter(x.float())

    def _filter(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        rows, cols = min(self.modes, height // 2), min(self.modes, width // 2 + 1)
        spectrum = torch.fft.rfft2(x)[..., :cols]
        low = self._corners(spectrum, rows)  # (b, C_in, corners * rows, cols) complex
        mixed = _mix_channels(low, self._low_weight(rows, cols))
        positive, negative = mixed[:, :, :rows], mixed[:, :, rows:]
        between = mixed.new_zeros(*mixed.shape[:2], height - mixed.shape[2], cols)
        # irfft2 itself pads the missing columns with zeros
        filtered: Tensor = torch.fft.irfft2(
            torch.cat([positive, between, negative], dim=2), s=(height, width)
        )
        return filtered

    def _corners(self, spectrum: Tensor, rows: int) -> Tensor:
        positive = spectrum[:, :, :rows]
        if self.corners == 1:
            return positive
        return torch.cat([positive, spectrum[:, :, -rows:]], dim=2)

    def _low_weight(self, rows: int, cols: int) -> Tensor:
        """Weights of the frequencies that exist, (2, corners * rows, cols, C_in, C_out)."""
        positive = self.weight[:, 0, :rows, :cols]
        if self.corners == 1:
            return positive
        # stored row i of the negative corner is the frequency i - modes
        return torch.cat([positive, self.weight[:, 1, self.modes - rows :, :cols]], dim=1)


def _mix_channels(spectrum: Tensor, weight: Tensor) -> Tensor:
    """Multiply every frequency's channels by its complex matrix, as one real block product.

    [y_r, y_i] = [x_r, x_i] [[W_r, W_i], [-W_i, W_r]]: a batched real matrix product is faster than a complex
    einsum on a CPU.

    Parameters
    ----------
    spectrum : (b, C_in, rows, cols) complex
    weight : (2, rows, cols, C_in, C_out) float, real and imaginary part

    Returns
    -------
    (b, C_out, rows, cols) complex
    """
    batch, _, rows, cols = spectrum.shape
    real, imaginary = weight.flatten(1, 2)  # each (rows * cols, C_in, C_out)
    block = torch.cat([torch.cat([real, imaginary], dim=2), torch.cat([-imaginary, real], dim=2)], dim=1)
    parts = torch.view_as_real(spectrum).permute(2, 3, 0, 4, 1)  # (rows, cols, b, 2, C_in)
    mixed = torch.bmm(parts.reshape(rows * cols, batch, -1), block)  # (rows * cols, b, 2 * C_out)
    mixed = mixed.reshape(rows, cols, batch, 2, -1).permute(2, 4, 0, 1, 3)  # (b, C_out, rows, cols, 2)
    return torch.view_as_complex(mixed.contiguous())


def level_modes(input_size: int, level: int, modes: int) -> int:
    """Kept frequencies at a level of a U-shaped network, min(modes, H / 4) of that level, at least 1."""
    return max(1, min(modes, (input_size >> level) // 4))


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    """Return a 3x3 convolution that keeps the size."""
    return nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)


class SpectralAndSpatial(nn.Module):
    """SpectralConv(x) + Conv3x3(x): far and near neighbours at once, (b, C, H, W) -> (b, C, H, W)."""

    def __init__(self, channels: int, modes: int, *, one_corner: bool = False) -> None:
        super().__init__()
        self.spectral = SpectralConv(channels, channels, modes, one_corner=one_corner)
        self.spatial = conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both convolutions."""
        total: Tensor = self.spectral(x) + self.spatial(x)
        return total


def normalised_conv(channels: int) -> nn.Sequential:
    """Conv3x3 - GroupNorm - GELU: the block of the purely convolutional network."""
    return nn.Sequential(conv3x3(channels, channels), nn.GroupNorm(1, channels), nn.GELU())


def spatial_lifter(in_channels: int, width: int) -> nn.Sequential:
    """Two 3x3 convolutions, GELU between: input channels -> width."""
    return nn.Sequential(conv3x3(in_channels, width), nn.GELU(), conv3x3(width, width))


def decoder_block(in_channels: int, out_channels: int, *, norm: bool) -> nn.Sequential:
    """Conv3x3 - GroupNorm(1, C) - GELU - Conv3x3.

    Without the norm, a spike of the loss can drive every pre-activation of the block so far below zero that
    its GELU is off on every pixel, for ever; with it that cannot happen.
    """
    middle = [nn.GroupNorm(1, out_channels)] if norm else []
    return nn.Sequential(
        conv3x3(in_channels, out_channels), *middle, nn.GELU(), conv3x3(out_channels, out_channels)
    )


class PatchHead(nn.Module):
    """1x1 convolution to real and imaginary part: (b, C, H, W) -> (b, H, W) complex64.

    Parameters
    ----------
    channels : int
    flat_start : bool
        Output (1 + a) + i b with a and b zero at the start, so that training begins at the flat object;
        otherwise a + i b with a random start.
    """

    def __init__(self, channels: int, *, flat_start: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 2, kernel_size=1)
        self.offset = 1.0 if flat_start else 0.0
        if flat_start:
            nn.init.zeros_(self.conv.weight)
            nn.init.zeros_(self.conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Project the channels to one complex patch per pattern, in full precision."""
        with full_precision(x):
            real, imaginary = self.conv(x.float()).unbind(dim=1)
            return torch.complex(real + self.offset, imaginary)


def count_parameters(module: nn.Module) -> int:
    """Count the real numbers that are trained."""
    return sum(math.prod(parameter.shape) for parameter in module.parameters())
