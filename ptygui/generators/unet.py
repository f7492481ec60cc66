"""The shape that several generators share: lifter, encoder, bottleneck, decoder with skips, output head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
import torch
from torch import Tensor, nn

from ptygui.core.errors import RecipeError
from ptygui.generators.contract import MAX_LEVELS
from ptygui.generators.layers import PatchHead, decoder_block, spatial_lifter

BlockMaker = Callable[[int, int], nn.Module]
"""(channels, level) -> a block that keeps the shape; level 0 is the full size."""

Width = Annotated[int, msgspec.Meta(ge=1, le=4096)]
Levels = Annotated[int, msgspec.Meta(ge=1, le=MAX_LEVELS)]
Modes = Annotated[int, msgspec.Meta(ge=1, le=512)]


class UNetConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every U-shaped generator lets choose."""

    width: Width = 16
    """Channels at full size; they double at each level."""
    levels: Levels = 4
    """Sizes H, H/2, ..., H / 2^(levels-1)."""
    decoder_norm: bool = True
    """GroupNorm before the GELU of every decoder block; False is the historical network that dies."""
    flat_start: bool = True
    """Start from the flat object: output (1 + a) + i b, last convolution zero. False: a + i b, as it was."""


class UNet(nn.Module):
    """Encoder and decoder around blocks: (b, C, H, W) float32 -> (b, H, W) complex64.

    Each level but the last has an encoder block and a stride-2 convolution that doubles the channels; the
    last level has an encoder block and the bottleneck block; the decoder goes back up with transposed
    convolutions, the encoder's features concatenated. H and W are multiples of `divisor` = 2^(levels-1), and
    large enough that two pixels are left at the last level, because one cannot be normalised.
    """

    def __init__(self, in_channels: int, config: UNetConfig, make_block: BlockMaker) -> None:
        super().__init__()
        channels = [config.width << level for level in range(config.levels)]
        self.divisor = 1 << (config.levels - 1)
        self.lifter = spatial_lifter(in_channels, config.width)
        self.encoder = nn.ModuleList(make_block(count, level) for level, count in enumerate(channels))
        self.down = nn.ModuleList(nn.Conv2d(c, 2 * c, kernel_size=2, stride=2) for c in channels[:-1])
        self.bottleneck = make_block(channels[-1], config.levels - 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * c, c, kernel_size=2, stride=2) for c in channels[:-1])
        self.decoder = nn.ModuleList(decoder_block(2 * c, c, norm=config.decoder_norm) for c in channels[:-1])
        self.head = PatchHead(config.width, flat_start=config.flat_start)

    def forward(self, x: Tensor) -> Tensor:
        """Map encoded patterns (b, C, H, W) to patches (b, H, W) complex64.

        Raises
        ------
        RecipeError
            If H or W is no size that the network can halve often enough.
        """
        self._check_size(*x.shape[-2:])
        if x.device.type == "cpu":  # a tenth less time for a step, a quarter in `cnn`
            x = x.contiguous(memory_format=torch.channels_last)
        x = self.lifter(x)  # (b, width, H, W)
        skips: list[Tensor] = []
        for block, down in zip(self.encoder, self.down, strict=False):
            x = block(x)
            skips.append(x)
            x = down(x)  # (b, 2 C, H / 2, W / 2)
        x = self.bottleneck(self.encoder[-1](x))
        for up, block, skip in zip(reversed(self.up), reversed(self.decoder), reversed(skips), strict=True):
            x = block(torch.cat([skip, up(x)], dim=1))  # (b, 2 C, H, W) -> (b, C, H, W)
        patch: Tensor = self.head(x)
        return patch

    def _check_size(self, height: int, width: int) -> None:
        if min(height, width) < 2 * self.divisor or height % self.divisor or width % self.divisor:
            raise RecipeError(
                f"This generator takes patterns whose sides are multiples of {self.divisor} and at least "
                f"{2 * self.divisor} pixels, not {height} x {width}: crop or pad the patterns."
            )
