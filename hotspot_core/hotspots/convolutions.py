"""The convolutions of F_ant, ready to run forwards and backwards.

Activations and gradients are channels-last, (N, h, w, C): every pixel's channels lie together, so that a 1x1
convolution is one matrix product and all others stream through memory in order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.hotspots.winograd import KERNEL, WinogradConvolution

Algorithm = Literal["winograd", "direct"]

# Winograd's transforms cost in proportion to the channels, its products to their square: below, it gains nothing.
MANY_CHANNELS = 256


class Convolution(nn.Module, ABC):
    """A convolution on the same grid with the ReLU after it, batch normalisation folded in.

    Attributes:
        is_pointwise: whether a cell's output depends on that cell alone; leading dimensions may then be any.
    """

    is_pointwise = False

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """(N, h, w, in) -> (N, h, w, out), >= 0."""

    @abstractmethod
    def backward(self, gradient: Tensor) -> Tensor:
        """What a gradient before the ReLU, (N, h, w, out), is at the input: (N, h, w, in)."""

    def backward_scaled(self, activations: Tensor, factors: Tensor) -> Tensor:
        """`backward` of gradients that are the same up to a factor per channel.

        Args:
            activations: (B, h, w, out), shared by all gradients of an image.
            factors: (B, A, out).

        Returns:
            (B, A, h, w, in).
        """
        gradient = activations[:, None] * factors[:, :, None, None]
        return self.backward(gradient.flatten(0, 1)).unflatten(0, factors.shape[:2])


class PointwiseConvolution(Convolution):
    """A 1x1 convolution: one matrix product.

    Args:
        weight: (out, in, 1, 1).
        bias: (out,).
    """

    is_pointwise = True
    weight: Tensor
    transposed: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weight", weight.flatten(1), persistent=False)
        self.register_buffer("transposed", weight.flatten(1).T.contiguous(), persistent=False)
        self.register_buffer("bias", bias, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        return functional.linear(features, self.weight, self.bias).relu_()

    def backward(self, gradient: Tensor) -> Tensor:
        return functional.linear(gradient, self.transposed)

    def backward_scaled(self, activations: Tensor, factors: Tensor) -> Tensor:
        """The factors go into the weights, which are fewer than the activations: no gradient is written out."""
        scaled = factors[:, :, None] * self.transposed
        product = torch.bmm(activations.flatten(1, 2), scaled.flatten(1, 2).transpose(1, 2))
        return product.unflatten(2, scaled.shape[1:3]).unflatten(1, activations.shape[1:3]).permute(0, 3, 1, 2, 4)


class DirectConvolution(Convolution):
    """A k x k convolution by the library of the device: oneDNN or cuDNN.

    Args:
        weight: (out, in, k, k).
        bias: (out,).
    """

    weight: Tensor
    flipped: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        flipped = weight.flip(2, 3).transpose(0, 1)
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last), persistent=False)
        self.register_buffer("flipped", flipped.contiguous(memory_format=torch.channels_last), persistent=False)
        self.register_buffer("bias", bias, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        return _convolve(features, self.weight, self.bias).relu_()

    def backward(self, gradient: Tensor) -> Tensor:
        return _convolve(gradient, self.flipped, None)


class FastConvolution(Convolution):
    """A 3x3 convolution by Winograd's algorithm, in a quarter of the multiplications.

    Args:
        weight: (out, in, 3, 3).
        bias: (out,), in the type to compute in.
        forwards: whether it is run forwards too.
    """

    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, forwards: bool) -> None:
        super().__init__()
        self.register_buffer("bias", bias, persistent=False)
        self.forwards = WinogradConvolution(weight, bias.dtype) if forwards else None
        self.backwards = WinogradConvolution(weight.flip(2, 3).transpose(0, 1), bias.dtype)

    def forward(self, features: Tensor) -> Tensor:
        assert self.forwards is not None
        return (self.forwards(features) + self.bias).relu_()

    def backward(self, gradient: Tensor) -> Tensor:
        return cast(Tensor, self.backwards(gradient))

    def backward_scaled(self, activations: Tensor, factors: Tensor) -> Tensor:
        """Winograd's transform acts on each channel alone: that of the activations serves all gradients."""
        batch, actions, channels = factors.shape
        patches = self.backwards.patches(activations)
        scaled = patches.view(len(patches), batch, 1, -1, channels) * factors[:, :, None]
        products = self.backwards.multiply(scaled.flatten(1, 3))
        return self.backwards.tiles(products, activations.shape[1:3]).unflatten(0, (batch, actions))


def _convolve(features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    padding = weight.shape[2] // 2
    return functional.conv2d(features.permute(0, 3, 1, 2), weight, bias, padding=padding).permute(0, 2, 3, 1)


def build_convolution(
    weight: Tensor, bias: Tensor, dtype: torch.dtype, algorithm: Algorithm, forwards: bool = True
) -> Convolution:
    """The fastest form of a convolution.

    Args:
        weight: (out, in, k, k), k odd.
        bias: (out,).
        dtype: of the weights and of what is computed.
        algorithm: for 3x3 kernels of many channels.
        forwards: whether it is run forwards too.
    """
    bias = bias.to(dtype)
    if weight.shape[2] == 1:
        return PointwiseConvolution(weight.to(dtype), bias)
    if algorithm == "winograd" and weight.shape[2] == KERNEL and min(weight.shape[:2]) >= MANY_CHANNELS:
        return FastConvolution(weight, bias, forwards)
    return DirectConvolution(weight.to(dtype), bias)
