"""`hybrid`: the U-shaped network of spectral and 3x3 convolutions, the control of `stable_hybrid`."""

from __future__ import annotations

from torch import Tensor, nn

from ptygui.generators.layers import SpectralAndSpatial, level_modes
from ptygui.generators.registry import register_generator
from ptygui.generators.unet import Modes, UNet, UNetConfig


class HybridConfig(UNetConfig, frozen=True, kw_only=True):
    """Configuration of `hybrid`."""

    modes: Modes = 12
    """Kept frequencies; at small levels min(modes, H / 4)."""
    one_corner: bool = False
    """Spectral convolution on positive row frequencies only, as in early variants."""


class HybridBlock(nn.Module):
    """y = x + GELU(SpectralConv(x) + Conv3x3(x)), (b, C, H, W) -> (b, C, H, W)."""

    def __init__(self, channels: int, modes: int, *, one_corner: bool = False) -> None:
        super().__init__()
        self.mix = SpectralAndSpatial(channels, modes, one_corner=one_corner)
        self.gelu = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        """Add the ungated branch."""
        branch: Tensor = self.gelu(self.mix(x))
        return x + branch


@register_generator("hybrid", HybridConfig)
class Hybrid(UNet):
    """Spectral and 3x3 convolutions in a U-shaped network, residual blocks without gate."""

    def __init__(self, in_channels: int, input_size: int, config: HybridConfig) -> None:
        def make_block(channels: int, level: int) -> nn.Module:
            modes = level_modes(input_size, level, config.modes)
            return HybridBlock(channels, modes, one_corner=config.one_corner)

        super().__init__(in_channels, config, make_block)
