"""DeepGaze II: Kümmerer, Wallis, Gatys and Bethge, "Understanding Low- and High-Level Contributions to Fixation
Prediction", ICCV 2017."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.encoder import VGGS, Encoder
from hotspot_core.baselines.networks.network import Batch, HeatmapNetwork, cross_entropy, softmax_map

# Of the blur, in cells: half the size of its kernel.
REACH = 6


class DeepGazeII(HeatmapNetwork):
    """Several layers of one frozen stage, a readout of four 1x1 convolutions, a blur, the centre bias, a softmax.

    The paper: conv5_1, relu5_1, relu5_2, conv5_3 and relu5_4 of VGG-19, never fine-tuned; 1x1 convolutions to 16, 32,
    2 and 1 channels with ReLU between them; a Gaussian whose width is learned; the logarithm of the density of all
    training fixations is added; the loss is the negative log-likelihood of the fixations; images have 35 pixels per
    degree, about 1,024 in all. Here another encoder may take the place of VGG-19 (`encoder="vgg19"` is the paper's),
    the Gaussian is one of cells of 1/8 of the image, the loss is the cross-entropy with a blurred map of annotated
    places. The published weights are a TensorFlow graph: score its maps with `--predictions`.
    """

    title = "DeepGaze II"

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        self.encoder = Encoder(encoder, "deep", weights, frozen=True, stride=16 if encoder in VGGS else 8)
        channels = (sum(self.encoder.channels), 16, 32, 2)
        layers = [layer for c, out in pairwise(channels) for layer in (nn.Conv2d(c, out, 1), nn.ReLU())]
        self.readout = nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 1))
        self.blur_log_deviation = nn.Parameter(torch.zeros(()))
        self.register_buffer("center_bias", torch.zeros(28, 28))

    def prepare(self, mean_target: Tensor) -> None:
        self.center_bias = (mean_target / mean_target.sum() + 1e-6).log()

    def scores(self, images: Tensor) -> Tensor:
        """(B, h, w) logarithms of densities, up to a constant."""
        scores = self._blurred(self.readout(torch.cat(self.encoder(images), dim=1)))
        bias = functional.interpolate(self.center_bias[None, None], scores.shape[2:], mode="bilinear")
        return (scores + bias)[:, 0]

    def maps(self, batch: Batch) -> Tensor:
        return softmax_map(self.scores(batch["image"]))

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        yield cross_entropy(self.scores(batch["image"]), batch["target"])

    def _blurred(self, maps: Tensor) -> Tensor:
        places = torch.arange(-REACH, REACH + 1, device=maps.device)
        profile = (-0.5 * (places / self.blur_log_deviation.exp()).square()).softmax(dim=0)
        padded = functional.pad(maps, (REACH,) * 4, mode="replicate")
        rows = functional.conv2d(padded, profile.view(1, 1, -1, 1).to(maps.dtype))
        return functional.conv2d(rows, profile.view(1, 1, 1, -1).to(maps.dtype))
