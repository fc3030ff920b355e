"""Whether one method is better than another: a paired bootstrap over images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hotspot_core.errors import InputError
from hotspot_core.evaluation.results import Evaluation, Item


@dataclass(frozen=True)
class Difference:
    """A metric of one method minus that of another, on the items that both have.

    Attributes:
        mean: of the differences.
        low, high: the middle 95 % of the resampled means.
        p: fraction of resampled means on the other side of 0, twice (two-sided), at least 1 / resamples.
        n: items.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int

    @property
    def significant(self) -> bool:
        """Whether 0 lies outside the interval."""
        return self.low > 0 or self.high < 0


def paired_bootstrap(
    first: Evaluation, second: Evaluation, metric: str, resamples: int = 10_000, seed: int = 0
) -> Difference:
    """`metric` of `first` minus that of `second`, with its uncertainty.

    Images are drawn with replacement, each with all of its items: items of one image are not independent. Items that
    one of the two lacks, or for which the metric is not defined, are left out for both.

    Raises:
        InputError: no item is left.
    """
    keys: list[str] = []
    differences: list[float] = []
    others = dict(_keyed(second.items))
    for key, item in _keyed(first.items):
        if key in others:
            difference = item.scores[metric] - others[key].scores[metric]
            if not np.isnan(difference):
                keys.append(str(item.image))
                differences.append(difference)
    if not differences:
        raise InputError(f"no item that both methods have a {metric} for: nothing to compare")
    clusters = np.unique(keys, return_inverse=True)[1]
    sums = np.bincount(clusters, weights=differences)
    sizes = np.bincount(clusters)
    means = _resampled_means(sums, sizes, resamples, seed)
    mean = float(np.mean(differences))
    low, high = np.percentile(means, [2.5, 97.5])
    beyond = min((means <= 0).mean(), (means >= 0).mean())
    p = float(np.clip(2 * beyond, 1 / resamples, 1.0))
    return Difference(mean, float(low), float(high), p, len(differences))


def holm(p_values: Sequence[float]) -> list[float]:
    """p of several comparisons, corrected for their number (Holm, 1979): all below a level hold together at it."""
    order = np.argsort(p_values, kind="stable")
    corrected = np.empty(len(p_values))
    scaled = np.asarray(p_values, np.float64)[order] * np.arange(len(p_values), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0) if len(p_values) else scaled
    return [float(value) for value in corrected]


def _keyed(items: Sequence[Item]) -> list[tuple[tuple[str, str, int], Item]]:
    """Items by image, action and how often these came before, which tells apart the annotations of several people."""
    seen: dict[tuple[str, str], int] = {}
    result = []
    for item in items:
        name = str(item.image), item.action
        seen[name] = seen.get(name, -1) + 1
        result.append(((*name, seen[name]), item))
    return result


def _resampled_means(sums: np.ndarray, sizes: np.ndarray, resamples: int, seed: int, chunk: int = 500) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = len(sums)
    means = []
    for start in range(0, resamples, chunk):
        weights = rng.multinomial(count, np.full(count, 1 / count), size=min(chunk, resamples - start))
        means.append((weights @ sums) / (weights @ sizes))
    return np.concatenate(means)
