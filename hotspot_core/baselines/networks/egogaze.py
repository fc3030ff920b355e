"""EgoGaze: Huang, Cai, Li and Sato, "Predicting Gaze in Egocentric Video by Learning Task-dependent Attention
Transition", ECCV 2018."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.encoder import VGGS, Encoder
from hotspot_core.baselines.networks.network import Batch, HeatmapNetwork, at_size, decoder, peak_one

# Horizontal and vertical optical flow of ten frames.
FLOW_CHANNELS = 20
FUSED = 128
DECODER = ((64, 1), (32, 1))


class EgoGaze(HeatmapNetwork):
    """Saliency from what is seen and how it moves, attention that shifts from fixation to fixation, and their fusion.

    The paper's three modules: two VGG-16 streams with batch norm for the frame and for the optical flow of ten frames,
    whose last features are fused by one 3x3 convolution for both, the maximum of the two and batch norm, and decoded to
    a saliency map, with a cross-entropy that weighs cells near the gaze more; a two-layer LSTM that predicts from the
    frame's features at the last fixation (3x3 cells) the weights of the channels at the next one, which weigh the
    features to a second map; and four convolutions (32, 32, 8, 1) with batch norm that fuse both maps.

    Here the fusion is a convolution over both streams together, without batch norm, the cross-entropy is plain, the
    LSTM has one layer, works on the fused features and on unit vectors of weights, the decoder is narrow, and another
    encoder may take the place of VGG-16. An image has no motion and no history: its flow is zero (`flow` in the batch
    is used where there is one), and its last fixation is the peak of the saliency map; the authors' own way for single
    images is `hotspot_core.baselines.published.egogaze`. As in the paper, each module learns from its own loss and
    passes no gradient to another; here they learn at the same time.
    """

    title = "EgoGaze"

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        stride = 16 if encoder in VGGS else 8
        self.encoder = Encoder(encoder, "top", weights, frozen, stride)
        self.motion_encoder = Encoder(encoder, "top", weights, frozen, stride, FLOW_CHANNELS)
        channels = self.encoder.channels[0]
        self.fusion = nn.Conv2d(2 * channels, FUSED, 3, padding=1)
        self.decoder = decoder(FUSED, DECODER, 1)
        self.transition = nn.LSTM(FUSED, FUSED, batch_first=True)
        self.next_weights = nn.Linear(FUSED, FUSED)
        self.late_fusion = nn.Sequential(
            *(nn.Conv2d(2, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(32, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1)),
        )

    def maps(self, batch: Batch) -> Tensor:
        return self._outputs(batch)[2].sigmoid()

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        saliency, weights, fused, features = self._outputs(batch)
        target = at_size(batch["target"], saliency.shape[1:])
        at_truth = _pooled_around_peak(features, at_size(batch["target"], features.shape[2:]))
        target_map = peak_one(target)
        yield (
            functional.binary_cross_entropy_with_logits(saliency, target_map)
            + functional.binary_cross_entropy_with_logits(fused, target_map)
            + (weights - at_truth).square().sum(dim=1).mean()
        )

    def _outputs(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits of the saliency map (B, h, w), channel weights (B, FUSED), logits of the fused map, fused features."""
        images = batch["image"]
        flow = batch.get("flow")
        if flow is None:
            flow = images.new_zeros(1, FLOW_CHANNELS, *images.shape[2:])
        seen, moving = self.encoder(images)[0], self.motion_encoder(flow)[0]
        features = self.fusion(torch.cat([seen, moving.expand_as(seen)], dim=1)).relu()
        saliency = self.decoder(features)[:, 0]
        fixation = functional.adaptive_max_pool2d(saliency[:, None].detach(), features.shape[2:])[:, 0]
        features = features.detach()
        last = _pooled_around_peak(features, fixation)
        weights = functional.normalize(self.next_weights(self.transition(last[:, None])[0][:, 0]))
        attention = torch.einsum("bc,bchw->bhw", weights.detach(), features).relu()
        attention = functional.interpolate(peak_one(attention)[:, None], saliency.shape[1:], mode="bilinear")
        fused = self.late_fusion(torch.cat([saliency.detach()[:, None], attention], dim=1))[:, 0]
        return saliency, weights, fused, features


def _pooled_around_peak(features: Tensor, maps: Tensor) -> Tensor:
    """Mean of features (B, C, h, w) over the 3x3 cells around the largest value of maps (B, h, w), as unit vectors."""
    mean = functional.avg_pool2d(features, 3, stride=1, padding=1, count_include_pad=False).flatten(2)
    peaks = maps.flatten(1).argmax(dim=1)
    return functional.normalize(mean[torch.arange(len(mean), device=mean.device), :, peaks])
