"""The anticipation module F_ant: from the features of an object at rest to those of the object in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from torch import Tensor, nn

from hotspot_core.errors import InputError


class ConvBlock(nn.Module):
    """Convolution, batch normalisation, ReLU, on the same grid: (B, in, h, w) -> (B, out, h, w), >= 0."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
        self.normalization = nn.BatchNorm2d(out_channels)

    def forward(self, features: Tensor) -> Tensor:
        return cast(Tensor, self.normalization(self.convolution(features))).relu()

    def normalization_gain(self) -> Tensor:
        """d(normalized) / d(convolved) in eval mode, per output channel, of shape (out,)."""
        norm = self.normalization
        assert norm.running_var is not None
        return norm.weight / (norm.running_var + norm.eps).sqrt()


class Anticipation(nn.Sequential):
    """F_ant: x_I (B, C, h, w) -> x~_I (B, C, h, w).

    Args:
        channels: C.
        layers: the (output channels, kernel size) of each block; the paper's are two of (2048, 3). The last
            block must return to C channels.
    """

    def __init__(self, channels: int, layers: Sequence[tuple[int, int]]) -> None:
        inputs = [channels, *(out for out, _ in layers)]
        super().__init__(*(ConvBlock(i, out, kernel) for i, (out, kernel) in zip(inputs, layers, strict=False)))
        if inputs[-1] != channels:
            raise InputError(f"the last anticipation layer has {inputs[-1]} channels, the backbone {channels}")

    def blocks(self) -> list[ConvBlock]:
        """The blocks in order."""
        return [cast(ConvBlock, block) for block in self]
