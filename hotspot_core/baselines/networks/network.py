"""What the compared networks have in common, and the losses that several of them use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.evaluation.method import Supervision

Batch = dict[str, Tensor]


class HeatmapNetwork(nn.Module, ABC):
    """A network from images to maps, trained on annotated images.

    A batch is a dict of
        image: (B, 3, S, S), ImageNet-normalized;
        target: (B, g, g) of sum 1;
        action: (B,) indices;
        frames, length: (B, T, 3, S, S) and (B,), a clip that demonstrates the action; where `needs_demonstration`.

    Attributes:
        title: name of its row.
        supervision: what it learns from here.
        needs_demonstration: whether it looks at a clip, too.
    """

    title: ClassVar[str]
    supervision: ClassVar[Supervision] = "saliency maps"
    needs_demonstration: ClassVar[bool] = False

    @abstractmethod
    def maps(self, batch: Batch) -> Tensor:
        """(B, h, w) maps >= 0 for the batch's images and actions; `target` is not looked at."""

    @abstractmethod
    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        """One loss for each of `learned`, each computed after the step before it. `progress` goes from 0 to 1."""

    def learned(self) -> list[list[nn.Parameter]]:
        """The weights that each optimizer learns."""
        return [[weight for weight in self.parameters() if weight.requires_grad]]

    def prepare(self, mean_target: Tensor) -> None:
        """Learns what it takes from the training set as a whole: the mean (g, g) of its targets."""


def at_size(target: Tensor, size_hw: torch.Size | tuple[int, int]) -> Tensor:
    """Targets (B, g, g) resized to (B, h, w), each of sum 1."""
    resized = functional.interpolate(target[:, None], tuple(size_hw), mode="bilinear", antialias=True)[:, 0]
    return resized / resized.sum((1, 2), keepdim=True).clamp_min(1e-12)


def peak_one(target: Tensor) -> Tensor:
    """Maps (B, h, w) divided by their maxima."""
    return target / target.amax((1, 2), keepdim=True).clamp_min(1e-12)


def cross_entropy(scores: Tensor, target: Tensor) -> Tensor:
    """Of targets (B, g, g) with a softmax over all places of scores (B, h, w): mean over the batch."""
    distribution = at_size(target, scores.shape[1:]).flatten(1)
    return -(distribution * scores.flatten(1).log_softmax(dim=1)).sum(dim=1).mean()


def softmax_map(scores: Tensor) -> Tensor:
    """Scores (B, h, w) -> maps of sum 1."""
    return scores.flatten(1).softmax(dim=1).view_as(scores)


def decoder(channels: int, widths: tuple[tuple[int, int], ...], outputs: int) -> nn.Sequential:
    """Groups of 3x3 convolutions with ReLU, (width, number) each, an enlargement by 2 between them, and a last 1x1."""
    layers: list[nn.Module] = []
    for index, (width, repeats) in enumerate(widths):
        if index:
            layers.append(nn.Upsample(scale_factor=2))
        for _ in range(repeats):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
    return nn.Sequential(*layers, nn.Conv2d(channels, outputs, 1))
