"""Which clips come when: class-balanced batches that depend on the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

from hotspot_core.data.dataset import class_balanced_weights


class ClassBalancedBatches(Sampler[list[int]]):
    """Batches of indices, drawn with replacement so that every action comes about equally often.

    All processes draw the same batches and each takes every `processes`-th one, so that n processes with batches of b
    see what one process sees with batches of b that are accumulated n times.

    Args:
        labels: action of each clip.
        first_epochs: epoch from which on each clip is drawn; the whole is a curriculum.
        batch_size: clips per batch, at most as many as there are.
        seed, epoch: of the drawing.
        rank, processes: which of how many processes this one is.

    Attributes:
        skipped: how many batches were had before an interruption and are left out.
    """

    def __init__(
        self,
        labels: Sequence[int],
        first_epochs: Sequence[int],
        batch_size: int,
        seed: int = 0,
        epoch: int = 0,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self.labels = torch.tensor(labels)
        self.first_epochs = torch.tensor(first_epochs)
        self.batch_size = min(batch_size, len(labels))
        self.seed, self.epoch = seed, epoch
        self.rank, self.processes = rank, processes
        self.skipped = 0

    def __len__(self) -> int:
        return max(1, len(self.labels) // (self.batch_size * self.processes))

    def __iter__(self) -> Iterator[list[int]]:
        drawn = torch.nonzero(self.first_epochs <= self.epoch).flatten()
        weights = class_balanced_weights(self.labels[drawn].tolist())
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        count = len(self) * self.processes * self.batch_size
        order = drawn[torch.multinomial(weights, count, replacement=True, generator=generator)]
        batches = order.view(len(self), self.processes, self.batch_size)[self.skipped :, self.rank]
        yield from batches.tolist()
