"""The paired bootstrap: its interval is right where the answer is known, and images are what it draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotspot_core import InputError
from hotspot_core.evaluation.bootstrap import holm, paired_bootstrap
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.evaluation.results import Evaluation, Item


def evaluation(values: np.ndarray, per_image: int = 1) -> Evaluation:
    items = [
        Item(Path(f"{index // per_image}.png"), f"action {index % per_image}", "", {"kld": float(value)})
        for index, value in enumerate(values)
    ]
    return Evaluation(tuple(items), (), Protocol())


def test_a_real_difference_is_found_and_none_is_not() -> None:
    """Pairing takes away what both methods share: a small shift on noisy items is sure, noise alone is not."""
    rng = np.random.default_rng(0)
    hard = rng.normal(2, 1, 200)
    first, second = hard + 0.1 + rng.normal(0, 0.2, 200), hard + rng.normal(0, 0.2, 200)
    found = paired_bootstrap(evaluation(first), evaluation(second), "kld", 2000)
    assert found.mean == pytest.approx(float((first - second).mean()))
    assert found.significant
    assert found.low < found.mean < found.high
    assert found.p < 0.01
    assert found.n == 200
    same = paired_bootstrap(evaluation(second), evaluation(second), "kld", 200)
    assert (same.mean, same.low, same.high, same.p) == (0, 0, 0, 1)
    assert not same.significant


def test_the_interval_is_that_of_the_mean() -> None:
    """For many independent items: the normal interval, to a few per cent."""
    difference = np.random.default_rng(1).normal(0.3, 1, 500)
    found = paired_bootstrap(evaluation(difference), evaluation(np.zeros(500)), "kld", 4000)
    error = difference.std() / 500**0.5
    assert found.low == pytest.approx(difference.mean() - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(difference.mean() + 1.96 * error, abs=0.15 * error)


def test_images_are_drawn_whole() -> None:
    """Items that repeat one image's value four times tell no more than one: the interval stays as wide."""
    values = np.random.default_rng(2).normal(0, 1, 100)
    single = paired_bootstrap(evaluation(values), evaluation(np.zeros(100)), "kld", 4000)
    repeated = paired_bootstrap(evaluation(np.repeat(values, 4), 4), evaluation(np.zeros(400), 4), "kld", 4000)
    assert repeated.high - repeated.low == pytest.approx(single.high - single.low, rel=0.1)


def test_only_common_defined_items_count() -> None:
    """An item that one method lacks, or that has no value, is left out for both."""
    first, second = evaluation(np.array([1.0, 2.0, np.nan, 5.0])), evaluation(np.array([0.0, 0.0, 0.0]))
    found = paired_bootstrap(first, second, "kld", 100)
    assert (found.n, found.mean) == (2, 1.5)
    with pytest.raises(InputError, match="nothing to compare"):
        paired_bootstrap(evaluation(np.array([np.nan])), second, "kld", 100)


def test_many_pairs_are_corrected_for_their_number() -> None:
    """Holm's correction by hand: the smallest p times the number of pairs, the next times one less, never falling, at
    most 1; of none, none."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.5]) == [1.0, 1.0]
    assert holm([]) == []
