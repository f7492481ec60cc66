"""`fno`: a Fourier neural operator, all layers at full size."""

from __future__ import annotations

from typing import Annotated

import msgspec
from torch import Tensor, nn

from ptygui.generators.layers import PatchHead, SpectralConv, level_modes
from ptygui.generators.registry import register_generator
from ptygui.generators.unet import Modes, Width


class FNOConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Configuration of `fno`."""

    width: Width = 16
    """Channels of the Fourier layers."""
    layers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    modes: Modes = 12
    """Kept frequencies, min(modes, H / 4)."""
    projection: Width = 64
    """Channels between the last Fourier layer and the output."""
    one_corner: bool = False
    """Spectral convolution on positive row frequencies only, as in early variants."""
    flat_start: bool = True
    """Start from the flat object: output (1 + a) + i b, last convolution zero. False: a + i b."""


class FourierLayer(nn.Module):
    """y = GELU(SpectralConv(x) + Conv1x1(x)), (b, C, H, W) -> (b, C, H, W)."""

    def __init__(self, channels: int, modes: int, *, one_corner: bool = False) -> None:
        super().__init__()
        self.spectral = SpectralConv(channels, channels, modes, one_corner=one_corner)
        self.bypass = nn.Conv2d(channels, channels, kernel_size=1)
        self.gelu = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """Mix channels per frequency and per pixel."""
        mixed: Tensor = self.gelu(self.spectral(x) + self.bypass(x))
        return mixed


@register_generator("fno", FNOConfig)
class FNO(nn.Module):
    """Fourier neural operator: global filters at full size, few parameters; smooth patches.

    After Li et al., "Fourier neural operator for parametric partial differential equations", ICLR 2021.
    (b, C, H, W) float32 -> (b, H, W) complex64; any size.
    """

    def __init__(self, in_channels: int, input_size: int, config: FNOConfig) -> None:
        super().__init__()
        modes = level_modes(input_size, 0, config.modes)
        self.lift = nn.Conv2d(in_channels, config.width, kernel_size=1)
        self.layers = nn.Sequential(
            *(FourierLayer(config.width, modes, one_corner=config.one_corner) for _ in range(config.layers))
        )
        self.project = nn.Conv2d(config.width, config.projection, kernel_size=1)
        self.projected = nn.GELU()
        self.head = PatchHead(config.projection, flat_start=config.flat_start)

    def forward(self, x: Tensor) -> Tensor:
        """Map encoded patterns (b, C, H, W) to patches (b, H, W) complex64."""
        x = self.layers(self.lift(x))  # (b, width, H, W)
        patch: Tensor = self.head(self.projected(self.project(x)))
        return patch
