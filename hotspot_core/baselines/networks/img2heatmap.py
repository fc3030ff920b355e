"""Img2Heatmap: the supervised image-only model of Fang et al., "Demo2Vec", CVPR 2018, and of the paper's Table 1."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from hotspot_core.baselines.networks.encoder import VGGS, Encoder
from hotspot_core.baselines.networks.network import (
    Batch,
    HeatmapNetwork,
    cross_entropy,
    decoder,
    softmax_map,
)

DECODER = ((128, 1), (64, 1))


class Img2Heatmap(HeatmapNetwork):
    """A fully convolutional encoder-decoder with one map per action, each a distribution over the image.

    It learns from the annotated map of each image and action (cross-entropy, that is KLD up to a constant). The paper's
    has VGG-16 (`encoder="vgg16"`) and transposed convolutions; here convolutions follow an enlargement, which gives the
    same maps without a checkerboard.
    """

    title = "Img2Heatmap"
    supervision = "action maps"

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        self.encoder = Encoder(encoder, "top", weights, frozen, stride=16 if encoder in VGGS else 8)
        self.decoder = decoder(self.encoder.channels[0], DECODER, actions)

    def scores(self, batch: Batch) -> Tensor:
        """(B, h, w) of each image's action."""
        scores = self.decoder(self.encoder(batch["image"])[0])
        return scores[torch.arange(len(scores), device=scores.device), batch["action"]]

    def maps(self, batch: Batch) -> Tensor:
        return softmax_map(self.scores(batch))

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        yield cross_entropy(self.scores(batch), batch["target"])
