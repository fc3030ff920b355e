"""Planted features are found where they were planted, whatever the image's size and shape."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hotspot_core import HotspotPredictor, InputError, build_model
from hotspot_core.hotspots.regions import Region, heatmap_region, network_input_size, resample
from hotspot_core.model.backbone import build_backbone
from hotspot_core.model.resnet import ResNetBackbone

SIZES = {
    "square": (480, 480),
    "landscape": (480, 640),
    "wide": (720, 1280),
    "portrait": (640, 360),
    "tiny": (40, 56),
    "very large": (3000, 4000),
    "panorama": (200, 1600),
}
PLACES = [(0.1, 0.15), (0.31, 0.77), (0.5, 0.5), (0.66, 0.22), (0.83, 0.9)]


class BrightnessBackbone(nn.Module):
    """Features that show brightness only, sampled as a ResNet samples: cell k is centred on input pixel 8 k."""

    stride = ResNetBackbone.stride
    first_cell_center = ResNetBackbone.first_cell_center
    channels = 2

    def __init__(self) -> None:
        super().__init__()
        axis = torch.arange(-8, 9)
        bump = (-(axis**2) / 32).exp()
        self.kernel = (bump[:, None] * bump[None])[None, None]

    def forward(self, images: Tensor) -> Tensor:
        brightness = (images.mean(dim=1, keepdim=True) + 2).relu()
        blurred = nn.functional.conv2d(brightness, self.kernel / self.kernel.sum(), stride=self.stride, padding=8)
        return blurred.repeat(1, 2, 1, 1)


@pytest.fixture(scope="module")
def brightness_predictor() -> HotspotPredictor:
    """The whole chain (resize, mapping, peaks, inverse geometry) over features whose place is known."""
    torch.manual_seed(0)
    model = build_model("robot", ["open"], hidden_size=4)
    model.backbone = BrightnessBackbone()  # type: ignore[assignment]
    model.anticipation = type(model.anticipation)(2, [(2, 1)])
    model.classifier = type(model.classifier)(2, 4, 1)
    convolution = model.anticipation.blocks()[0].convolution
    nn.init.dirac_(convolution.weight)
    nn.init.zeros_(cast(Tensor, convolution.bias))
    nn.init.constant_(model.classifier.lstm.all_weights[0][0], 0.05)
    model.classifier.initial_cell.data.fill_(0.1)
    model.classifier.linear.weight.data.fill_(1.0)
    return HotspotPredictor(model)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("place", PLACES)
def test_planted_feature_is_found_within_half_a_cell(
    brightness_predictor: HotspotPredictor, size: tuple[int, int], place: tuple[float, float]
) -> None:
    """1. A bright spot at a known pixel of a dark image. 2. The point lies within half a cell of it on both axes.
    3. So does the maximum of the heatmap resampled to the image."""
    height, width = size
    y, x = round(place[0] * (height - 1)), round(place[1] * (width - 1))
    radius = max(1, round((height * width) ** 0.5 / 40))
    image = np.zeros((height, width, 3), np.uint8)
    cv2.circle(image, (x, y), radius, (255, 255, 255), -1)
    prediction = brightness_predictor.predict(image, points_per_action=1)
    cell_height, cell_width = (s / g for s, g in zip(size, prediction.heatmaps.shape[1:], strict=True))
    (point,) = prediction.points
    assert abs(point.x - x) <= 0.5 * cell_width
    assert abs(point.y - y) <= 0.5 * cell_height
    row, column = np.unravel_index(prediction.heatmaps_at(height, width)[0].argmax(), size)
    assert abs(column - x) <= 0.5 * cell_width + 1
    assert abs(row - y) <= 0.5 * cell_height + 1


@pytest.mark.parametrize(("name", "stages"), [("resnet18", 3), ("efficientnet_lite0", 5)])
def test_a_backbone_centers_its_cells_on_every_eighth_pixel(name: str, stages: int) -> None:
    """1. A backbone whose kernels have no side of their own. 2. The center of mass of a cell's sensitivity to the input
    lies at pixel 8 k, not in the middle of block k."""
    torch.manual_seed(0)
    backbone = build_backbone(name, stages, "every_block").requires_grad_(False)
    for module in backbone.modules():
        if isinstance(module, nn.Conv2d):
            weight = module.weight.data
            module.weight.data = (weight + weight.flip(2) + weight.flip(3) + weight.flip(2, 3)) / 4
    images = torch.randn(24, 3, 192, 192, requires_grad=True)
    backbone(images)[:, :, 12, 11].sum().backward()
    assert images.grad is not None
    sensitivity = images.grad.square().sum(dim=(0, 1))
    pixels = torch.arange(192.0)
    row = float((sensitivity.sum(dim=1) * pixels).sum() / sensitivity.sum())
    column = float((sensitivity.sum(dim=0) * pixels).sum() / sensitivity.sum())
    assert abs(row - (12 * backbone.stride + backbone.first_cell_center)) < 1
    assert abs(column - (11 * backbone.stride + backbone.first_cell_center)) < 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_network_input_keeps_shape_and_cost(size: tuple[int, int]) -> None:
    """About 224 * 224 pixels, multiples of the stride, and the image's aspect ratio to within a stride."""
    height, width = network_input_size(size, 224, 8)
    assert height % 8 == width % 8 == 0
    assert abs(height * width / 224**2 - 1) < 0.1
    assert abs(height - width * size[0] / size[1]) <= 8 * max(1, size[0] / size[1])


def test_thin_images_keep_to_the_grid() -> None:
    """Sides are multiples of the stride also where a limit sets them, whatever the model's input size."""
    for side in (200, 224, 250):
        for size in ((20, 2000), (2000, 20), (1, 5000)):
            height, width = network_input_size(size, side, 8)
            assert height % 8 == width % 8 == 0
            assert min(height, width) == 32


def test_an_empty_image_is_named() -> None:
    """Of no height or no width."""
    for size in ((0, 640), (480, 0)):
        with pytest.raises(InputError, match="is empty"):
            network_input_size(size, 224, 8)


def test_extreme_shapes_get_an_input(brightness_predictor: HotspotPredictor) -> None:
    """One pixel, one row, one column: a prediction of the whole image, points inside it."""
    for height, width in ((1, 1), (1, 3000), (3000, 1)):
        prediction = brightness_predictor.predict(np.full((height, width, 3), 200, np.uint8))
        assert prediction.image_size == (height, width)
        assert all(0 <= p.x <= width - 1 and 0 <= p.y <= height - 1 for p in prediction.points)


def test_square_training_size_is_unchanged() -> None:
    """224x224 images reach the network as they are, and give a 28x28 grid."""
    assert network_input_size((224, 224), 224, 8) == (224, 224)


def test_region_and_resampling_agree() -> None:
    """1. A ramp over the region, resampled to the image, has at each pixel the value of its place in the region.
    2. `to_pixels` says the same of cell centres."""
    region = heatmap_region((240, 320), (192, 256), 8, 0.0)
    assert region == Region(-3.5 * 320 / 256, -3.5 * 240 / 192, 320.0, 240.0)
    columns = np.arange(32, dtype=np.float32)
    ramp = np.broadcast_to(columns, (1, 24, 32)).copy()
    resampled = resample(ramp, region, (240, 320), (240, 320))
    for column in (3, 10, 27):
        x, _ = region.to_pixels(column, 0, (24, 32))
        assert resampled[0, 120, round(x)] == pytest.approx(column, abs=0.1)
