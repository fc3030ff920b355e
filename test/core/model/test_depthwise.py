"""A depthwise convolution that learns fast is PyTorch's, values and gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from hotspot_core.model.depthwise import DepthwiseConvolution


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "size"),
    [(3, 1, 1, (6, 8)), (3, 1, 2, (6, 8)), (3, 1, 2, (7, 9)), (5, 1, 2, (8, 10)), (5, 2, 1, (9, 8)), (3, 2, 1, (8, 8))],
)
def test_values_and_gradients_are_those_of_any_convolution(
    kernel: int, stride: int, dilation: int, size: tuple[int, int]
) -> None:
    """Over strides, dilations, and grids that they divide or not: the output, and the gradients of input, filters and
    bias of a random function of it."""
    torch.manual_seed(0)
    padding = kernel // 2 * dilation
    ours = DepthwiseConvolution(4, 4, kernel, stride, padding, dilation, groups=4)
    plain = nn.Conv2d(4, 4, kernel, stride, padding, dilation, groups=4)
    plain.load_state_dict(ours.state_dict())
    results = []
    for convolution in (ours, plain):
        features = torch.rand(2, 4, *size, generator=torch.Generator().manual_seed(1)).requires_grad_()
        output = convolution(features)
        weights = torch.rand(output.shape, generator=torch.Generator().manual_seed(2))
        learned = [features, *convolution.parameters()]
        results.append([output, *torch.autograd.grad((output * weights).sum(), learned)])
    for value, expected in zip(*results, strict=True):
        torch.testing.assert_close(value, expected)
