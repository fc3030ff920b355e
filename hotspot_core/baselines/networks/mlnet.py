"""MLNet: Cornia, Baraldi, Serra and Cucchiara, "A Deep Multi-Level Network for Saliency Prediction", ICPR 2016."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.encoder import Encoder
from hotspot_core.baselines.networks.network import Batch, HeatmapNetwork, at_size, peak_one

# What is added to 1 - y, which weighs errors at salient places more (the paper's alpha = 1.1).
MARGIN = 0.1
# Pixels per cell of the features, and cells per value of the prior.
STRIDE, PRIOR_STRIDE = 8, 10


class MLNet(HeatmapNetwork):
    """Features of three depths, dropout, 3x3 convolution to 64, 1x1 to one map, times a learned prior of every tenth
    cell.

    The paper: VGG-16 whose last pooling keeps the resolution (pool3, pool4 and conv5 at a stride of 8); the loss is
    the squared error of the map divided by its maximum, over 1.1 - y, and the squared distance of the prior from 1;
    images of 640x480, letterboxed. Here another encoder may take the place of VGG-16 (`encoder="vgg16"` is the
    paper's), images are squares, targets are maps of one action at a time, and the map passes a softplus instead of a
    ReLU: a map of zeros would have no gradient, and stay so. `hotspot_core.baselines.published.mlnet` has the
    published network.
    """

    title = "MLNet"

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        self.encoder = Encoder(encoder, "multi_level", weights, frozen)
        first = nn.Conv2d(sum(self.encoder.channels), 64, 3, padding=1)
        self.head = nn.Sequential(nn.Dropout(0.5), first, nn.ReLU(), nn.Conv2d(64, 1, 1))
        side = max(1, size // STRIDE // PRIOR_STRIDE)
        self.prior = nn.Parameter(torch.ones(1, 1, side, side))

    def maps(self, batch: Batch) -> Tensor:
        features = functional.softplus(self.head(torch.cat(self.encoder(batch["image"]), dim=1)))
        prior = functional.interpolate(self.prior, features.shape[2:], mode="bilinear", align_corners=False)
        return (features * prior).relu()[:, 0]

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        maps = self.maps(batch)
        target = peak_one(at_size(batch["target"], maps.shape[1:]))
        error = (peak_one(maps) - target).square() / (1 - target + MARGIN)
        yield error.mean() + (1 - self.prior).square().mean()
