"""Demo2Vec: Fang et al., "Demo2Vec: Reasoning Object Affordances from Online Videos", CVPR 2018."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.encoder import VGGS, Encoder
from hotspot_core.baselines.networks.network import (
    Batch,
    HeatmapNetwork,
    cross_entropy,
    decoder,
    softmax_map,
)

HIDDEN = 64
EMBEDDING = 128
DECODER = ((128, 1), (64, 1))


class Demo2Vec(HeatmapNetwork):
    """A clip of the action becomes a vector; image features with that vector at every place become the map.

    The paper: the demonstration encoder is a convolutional LSTM over the features of the frames and of the differences
    between them, with soft attention over time; the predictor concatenates the embedding to the image's features at
    every place and decodes them to a distribution over the image; a second head names the action. Both losses are
    cross-entropies. Here another encoder may take the place of VGG-16 (`encoder="vgg16"` is the paper's), and the
    clip's features are reduced to 64 channels on half the resolution.
    """

    title = "Demo2Vec"
    supervision = "action maps"
    needs_demonstration = True

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        self.encoder = Encoder(encoder, "top", weights, frozen, stride=16 if encoder in VGGS else 8)
        channels = self.encoder.channels[0]
        self.reduction = nn.Conv2d(2 * channels, HIDDEN, 1)
        self.cell = ConvLSTMCell(HIDDEN, HIDDEN)
        self.attention = nn.Linear(HIDDEN, 1)
        self.embedding = nn.Linear(HIDDEN, EMBEDDING)
        self.action_head = nn.Linear(EMBEDDING, actions)
        self.decoder = decoder(channels + EMBEDDING, DECODER, 1)

    def embed(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """Clips (B, T, 3, S, S) with `lengths` (B,) valid frames -> (B, 128)."""
        batch, time = frames.shape[:2]
        changes = torch.cat([torch.zeros_like(frames[:, :1]), frames[:, 1:] - frames[:, :-1]], dim=1)
        looks, moves = (self.encoder(x.flatten(0, 1))[0] for x in (frames, changes))
        reduced = functional.avg_pool2d(self.reduction(torch.cat([looks, moves], dim=1)).relu(), 2, ceil_mode=True)
        states = self.cell(reduced.view(batch, time, *reduced.shape[1:])).mean((3, 4))
        padding = torch.arange(time, device=lengths.device) >= lengths[:, None]
        weights = self.attention(states)[:, :, 0].masked_fill(padding, -torch.inf).softmax(dim=1)
        return self.embedding(torch.einsum("bt,btc->bc", weights, states)).relu()

    def maps(self, batch: Batch) -> Tensor:
        return softmax_map(self._scores(batch["image"], self.embed(batch["frames"], batch["length"])))

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        vectors = self.embed(batch["frames"], batch["length"])
        where = cross_entropy(self._scores(batch["image"], vectors), batch["target"])
        yield where + functional.cross_entropy(self.action_head(vectors), batch["action"])

    def _scores(self, images: Tensor, vectors: Tensor) -> Tensor:
        features = self.encoder(images)[0]
        everywhere = vectors[:, :, None, None].expand(-1, -1, *features.shape[2:])
        return self.decoder(torch.cat([features, everywhere], dim=1))[:, 0]


class ConvLSTMCell(nn.Module):
    """A convolutional LSTM (Shi et al., NeurIPS 2015): (B, T, C, h, w) -> hidden states (B, T, hidden, h, w)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv2d(channels + hidden, 4 * hidden, 3, padding=1)

    def forward(self, sequence: Tensor) -> Tensor:
        hidden = cell = sequence.new_zeros(len(sequence), self.hidden, *sequence.shape[3:])
        states = []
        for step in sequence.unbind(1):
            i, f, g, o = self.gates(torch.cat([step, hidden], dim=1)).chunk(4, dim=1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            states.append(hidden)
        return torch.stack(states, dim=1)
