"""`cnn`: a plain U-Net of 3x3 convolutions."""

from __future__ import annotations

from torch import nn

from ptygui.generators.layers import normalised_conv
from ptygui.generators.registry import register_generator
from ptygui.generators.unet import UNet, UNetConfig


class CNNConfig(UNetConfig, frozen=True, kw_only=True):
    """Configuration of `cnn`."""


@register_generator("cnn", CNNConfig)
class CNN(UNet):
    """U-Net of 3x3 convolutions: small and fast, sees near neighbours only."""

    def __init__(self, in_channels: int, input_size: int, config: CNNConfig) -> None:
        def make_block(channels: int, level: int) -> nn.Module:
            return normalised_conv(channels)

        super().__init__(in_channels, config, make_block)
