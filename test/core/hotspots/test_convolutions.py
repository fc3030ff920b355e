"""The convolutions of F_ant, in every form, are convolutions; backwards they are their own adjoints."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core import HotspotModel
from hotspot_core.hotspots.convolutions import (
    Convolution,
    DirectConvolution,
    FastConvolution,
    PointwiseConvolution,
    build_convolution,
)
from hotspot_core.model.backbone import build_backbone
from hotspot_core.model.folding import folded

IN, OUT = 256, 260
FORMS = {
    "pointwise": (1, "direct", PointwiseConvolution),
    "direct": (3, "direct", DirectConvolution),
    "direct 5x5": (5, "winograd", DirectConvolution),
    "winograd": (3, "winograd", FastConvolution),
}


def close(value: Tensor, expected: Tensor) -> None:
    """Within 1e-5 of the largest value."""
    assert value.shape == expected.shape
    assert float((value - expected).abs().max() / expected.abs().max()) < 1e-5


@pytest.mark.parametrize("size", [(8, 12), (7, 5), (1, 3)], ids=["whole tiles", "parts of tiles", "less than a tile"])
@pytest.mark.parametrize("form", FORMS)
def test_forwards_and_backwards(form: str, size: tuple[int, int]) -> None:
    """1. Forwards it is PyTorch's convolution with ReLU. 2. Backwards it is the gradient that autograd finds. 3. So it
    is for gradients that are one tensor times a factor per channel."""
    kernel, algorithm, kind = FORMS[form]
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(OUT, IN, kernel, kernel, generator=generator) / (IN * kernel**2) ** 0.5
    bias = torch.randn(OUT, generator=generator)
    layer = build_convolution(weight, bias, torch.float32, algorithm)  # type: ignore[arg-type]
    assert type(layer) is kind
    x = torch.randn(2, IN, *size, generator=generator, requires_grad=True)
    convolved = functional.conv2d(x, weight, bias, padding=kernel // 2)
    close(layer(channels_last(x.detach())), channels_last(convolved.relu().detach()))

    output_gradient = torch.randn(2, OUT, *size, generator=generator)
    (expected,) = torch.autograd.grad(convolved, x, output_gradient, retain_graph=True)
    close(layer.backward(channels_last(output_gradient)), channels_last(expected))

    factors = torch.randn(2, 3, OUT, generator=generator)
    scaled = layer.backward_scaled(channels_last(output_gradient), factors)
    for action in range(3):
        (expected,) = torch.autograd.grad(
            convolved, x, output_gradient * factors[:, action, :, None, None], retain_graph=True
        )
        close(scaled[:, action], channels_last(expected))


def test_few_channels_run_directly() -> None:
    """Winograd's algorithm is kept for convolutions that gain from it."""
    layer: Convolution = build_convolution(torch.randn(8, 8, 3, 3), torch.zeros(8), torch.float32, "winograd")
    assert isinstance(layer, DirectConvolution)


@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet18"])
def test_folded_backbones_are_the_same_function(name: str, robot: HotspotModel) -> None:
    """No batch normalisation is left, the features are the same, the original is untouched."""
    torch.manual_seed(0)
    backbone = robot.backbone if name == "efficientnet_lite0" else build_backbone(name, 3, "first_block").eval()
    before = copy.deepcopy(backbone.state_dict())
    images = torch.randn(1, 3, 64, 64)
    result = folded(backbone)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in result.modules())
    with torch.no_grad():
        close(result(images), backbone(images))
    for key, value in backbone.state_dict().items():
        assert torch.equal(value, before[key])


def channels_last(tensor: Tensor) -> Tensor:
    return tensor.permute(0, 2, 3, 1)
