"""Depthwise convolutions that learn fast on CPUs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input, conv2d_weight


class DepthwiseConvolution(nn.Conv2d):
    """`nn.Conv2d` with a filter of its own for each channel, odd sides and zeros around: same values, same gradients.

    Only the gradients are computed in another way on the CPU, where oneDNN needs up to 50 times as long for those of
    filters as for the forward pass in bfloat16, and ten times as long for those of inputs (PyTorch 2.13).
    """

    def forward(self, features: Tensor) -> Tensor:
        if features.device.type != "cpu" or not (torch.is_grad_enabled() and self.weight.requires_grad):
            return super().forward(features)
        weight = self.weight
        if torch.is_autocast_enabled("cpu"):
            features, weight = (tensor.to(torch.get_autocast_dtype("cpu")) for tensor in (features, weight))
        convolved: Tensor = _Depthwise.apply(features, weight, self.stride[0], self.dilation[0])
        return convolved if self.bias is None else convolved + self.bias.to(convolved.dtype)[:, None, None]


class _Depthwise(torch.autograd.Function):
    """Features (B, C, h, w), weight (C, 1, k, k) -> (B, C, h / stride, w / stride)."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, stride: int, dilation: int) -> Tensor:
        ctx.save_for_backward(features, weight)
        ctx.stride, ctx.dilation = stride, dilation
        padding = weight.shape[2] // 2 * dilation
        return functional.conv2d(features, weight, None, stride, padding, dilation, len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        features, weight = ctx.saved_tensors
        stride, dilation, channels = ctx.stride, ctx.dilation, len(weight)
        gradient = gradients[0].contiguous(memory_format=torch.channels_last)
        padding = weight.shape[2] // 2 * dilation
        to_features = None
        if ctx.needs_input_grad[0] and stride == 1:
            turned = weight.flip(2, 3)
            to_features = functional.conv2d(gradient, turned, None, 1, padding, dilation, channels)
        wide, wide_gradient = features.float(), gradient.float()
        if ctx.needs_input_grad[0] and to_features is None:
            to_features = conv2d_input(
                features.shape, weight.float(), wide_gradient, stride, padding, dilation, channels
            ).to(features.dtype)
        sides = *weight.shape[2:], *(side % dilation for side in features.shape[2:])
        if stride == 1 and sides == (3, 3, 0, 0):  # for larger filters it gains nothing
            wide, wide_gradient = _interleaved(wide, dilation), _interleaved(wide_gradient, dilation)
            padding, dilation = weight.shape[2] // 2, 1
        to_weight = conv2d_weight(wide, weight.shape, wide_gradient, stride, padding, dilation, channels)
        return to_features, to_weight.to(weight.dtype), None, None


def _interleaved(grids: Tensor, step: int) -> Tensor:
    """(B, C, h, w) -> (B step^2, C, h / step, w / step): every step-th cell, which a dilated filter alone connects."""
    if step == 1:
        return grids
    batch, channels, height, width = grids.shape
    parts = grids.reshape(batch, channels, height // step, step, width // step, step).permute(0, 3, 5, 1, 2, 4)
    parts = parts.reshape(-1, channels, height // step, width // step)
    return parts.contiguous(memory_format=torch.channels_last)
