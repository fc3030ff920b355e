"""Statistics of a feature as LeRobot keeps them, of an episode and of a whole data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Statistic -> values: min, max, mean, std, count, and quantiles such as q01.
Statistics = dict[str, NDArray[np.float64]]


def feature_statistics(values: NDArray[np.float32], quantiles: Sequence[str] = ()) -> Statistics:
    """Of the frames of an episode.

    Args:
        values: (N, D), whose statistics are (D,); or (N, C, H, W), whose are (C, 1, 1), as LeRobot's of images.
        quantiles: names of those to compute, in hundredths, as "q01".
    """
    exact = values.astype(np.float64)
    flat = exact if exact.ndim == 2 else np.moveaxis(exact, 1, -1).reshape(-1, exact.shape[1])
    found = {"min": flat.min(0), "max": flat.max(0), "mean": flat.mean(0), "std": flat.std(0)}
    found |= {name: np.quantile(flat, int(name[1:]) / 100, axis=0) for name in quantiles}
    shape = (-1, *(1 for _ in values.shape[2:]))
    return {name: value.reshape(shape) for name, value in found.items()} | {"count": np.array([float(len(values))])}


def aggregated(episodes: Sequence[Statistics]) -> Statistics:
    """Of all episodes, as LeRobot does it: quantiles are the mean of the episodes' own, weighted by frames."""
    counts = np.array([each["count"][0] for each in episodes])
    stacked = {name: np.stack([each[name] for each in episodes]) for name in episodes[0]}

    def average(per_episode: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.average(per_episode, axis=0, weights=counts), np.float64)

    found = {name: average(each) for name, each in stacked.items()}
    spread = average(stacked["std"] ** 2 + (stacked["mean"] - found["mean"]) ** 2)
    return found | {
        "min": stacked["min"].min(0),
        "max": stacked["max"].max(0),
        "std": np.sqrt(spread),
        "count": np.array([counts.sum()]),
    }


def as_lists(statistics: Statistics) -> dict[str, list[object]]:
    """For JSON and Parquet files; counts are whole numbers."""
    return {name: (value.astype(int) if name == "count" else value).tolist() for name, value in statistics.items()}


def quantile_names(statistics: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The quantiles that a data set's statistics (feature -> statistic -> values) have, sorted."""
    names = {name for each in statistics.values() for name in each}
    return sorted(name for name in names if name[:1] == "q" and name[1:].isdecimal())
