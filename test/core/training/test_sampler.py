"""Batches: balanced, repeatable, and the same whether one process draws them or several."""

from __future__ import annotations

from collections import Counter

from hotspot_core.training.sampler import ClassBalancedBatches

LABELS = [0] * 90 + [1] * 10


def test_rare_actions_come_as_often_as_common_ones() -> None:
    """Nine of ten clips show action 0; about half of those drawn do, over twenty epochs."""
    drawn = Counter(
        LABELS[index]
        for epoch in range(20)
        for batch in ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=epoch)
        for index in batch
    )
    assert drawn.total() == 2000
    assert 900 < drawn[1] < 1100


def test_an_epoch_repeats_and_epochs_differ() -> None:
    """Seed and epoch decide alone; an interrupted epoch goes on where it was."""
    first = list(ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=3))
    assert first == list(ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=3))
    assert first != list(ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=4))
    assert first != list(ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=3, seed=1))
    resumed = ClassBalancedBatches(LABELS, [0] * 100, 10, epoch=3)
    resumed.skipped = 7
    assert list(resumed) == first[7:]
    assert len(resumed) == len(first) == 10


def test_processes_share_the_batches_of_one() -> None:
    """Two processes take one process's batches in turns."""
    one = list(ClassBalancedBatches(LABELS, [0] * 100, 10))
    two = [list(ClassBalancedBatches(LABELS, [0] * 100, 10, rank=rank, processes=2)) for rank in (0, 1)]
    assert [batch for pair in zip(*two, strict=True) for batch in pair] == one


def test_a_curriculum_holds_clips_back() -> None:
    """Clips of a later table come from their first epoch on; the number of batches stays."""
    starts = [0] * 95 + [2] * 5
    for epoch in range(4):
        batches = ClassBalancedBatches(LABELS, starts, 10, epoch=epoch)
        late = [index for batch in batches for index in batch if index >= 95]
        assert bool(late) == (epoch >= 2)
        assert len(list(batches)) == 10
