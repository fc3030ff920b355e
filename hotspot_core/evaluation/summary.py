"""Means of a metric: over items, with their standard error, and over disjoint splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Summary:
    """A metric over all items: mean, standard error of the mean, number of items in it, number skipped (undefined)."""

    mean: float
    standard_error: float
    n: int
    skipped: int


def summarize(values: Sequence[float]) -> Summary:
    """Mean and standard error (population deviation, as published) of the values that are not NaN."""
    defined = np.array([value for value in values if not np.isnan(value)])
    skipped = len(values) - len(defined)
    if not len(defined):
        return Summary(float("nan"), float("nan"), 0, skipped)
    return Summary(float(defined.mean()), float(defined.std() / len(defined) ** 0.5), len(defined), skipped)


def mean_of_splits(summaries: Sequence[Mapping[str, Summary]]) -> dict[str, Summary]:
    """The mean of the means of disjoint splits, with its standard error; the numbers of items are added up."""
    result = {}
    for name in summaries[0]:
        parts = [summary[name] for summary in summaries]
        error = sum(part.standard_error**2 for part in parts) ** 0.5 / len(parts)
        mean = sum(part.mean for part in parts) / len(parts)
        result[name] = Summary(mean, error, sum(part.n for part in parts), sum(part.skipped for part in parts))
    return result
