"""`stable_hybrid`: the hybrid network whose blocks open through a gate and whose decoder is normalised."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from ptygui.generators.hybrid import HybridConfig
from ptygui.generators.layers import SpectralAndSpatial, level_modes
from ptygui.generators.registry import register_generator
from ptygui.generators.unet import UNet

NormInit = Literal["layerscale", "zero-gamma"]


class StableHybridConfig(HybridConfig, frozen=True, kw_only=True):
    """Configuration of `stable_hybrid`."""

    norm_init: NormInit = "layerscale"
    """'layerscale': a gate per channel, InstanceNorm weight 1. 'zero-gamma': no gate, InstanceNorm weight 0,
    the earlier variant that learns nothing."""
    gate_init: float = 1e-3
    """Start of every gate (layerscale only)."""


class StablePtychoBlock(nn.Module):
    """y = x + layerscale * InstanceNorm(GELU(SpectralConv(x) + Conv3x3(x))), (b, C, H, W) -> (b, C, H, W).

    LayerScale as in Touvron et al., "Going deeper with image transformers", ICCV 2021: one learned gate per
    channel that starts near zero, so that the network starts near the identity.
    """

    def __init__(
        self,
        channels: int,
        modes: int,
        *,
        one_corner: bool = False,
        norm_init: NormInit = "layerscale",
        gate_init: float = 1e-3,
    ) -> None:
        super().__init__()
        self.mix = SpectralAndSpatial(channels, modes, one_corner=one_corner)
        self.gelu = nn.GELU()
        self.norm = nn.InstanceNorm2d(channels, affine=True)  # weight 1, bias 0
        self.layerscale: nn.Parameter | None = None
        if norm_init == "zero-gamma":
            nn.init.zeros_(self.norm.weight)
        else:
            self.layerscale = nn.Parameter(torch.full((channels, 1, 1), gate_init))

    def forward(self, x: Tensor) -> Tensor:
        """Add the normalised branch through its gate."""
        branch: Tensor = self.norm(self.gelu(self.mix(x)))
        return x + (branch if self.layerscale is None else self.layerscale * branch)


@register_generator("stable_hybrid", StableHybridConfig)
class StableHybrid(UNet):
    """Spectral and 3x3 convolutions in a U-shaped network, gated blocks and a normalised decoder."""

    def __init__(self, in_channels: int, input_size: int, config: StableHybridConfig) -> None:
        def make_block(channels: int, level: int) -> nn.Module:
            return StablePtychoBlock(
                channels,
                level_modes(input_size, level, config.modes),
                one_corner=config.one_corner,
                norm_init=config.norm_init,
                gate_init=config.gate_init,
            )

        super().__init__(in_channels, config, make_block)
