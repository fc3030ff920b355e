"""What the place head adds to Eq. 4: heatmaps that are published, and probabilities of points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.peaks import Peak

# Probabilities of 0 and 1 have no logit.
SMALLEST = 1e-6


def published_heatmaps(maps: NDArray[np.float32], places: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Maps of Eq. 4 (A, h, w), each divided by its maximum: float32 in [0, 1]; 0 everywhere where a map is.

    Where there are places, the root of a map times its action's places, likewise. Of several such products this one
    was the best on the whole, by validation sets (docs/notes/models.md).
    """
    return _normalized(maps if places is None else np.sqrt(_normalized(maps)) * places)


def _normalized(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    largest = maps.max(axis=(1, 2)).clip(np.finfo(np.float32).tiny)
    return np.asarray(maps / largest[:, None, None], np.float32)


def value_at(grid: NDArray[np.float32], peak: Peak) -> float:
    """The value of a grid (h, w) in the cell of a peak."""
    row, column = (min(max(round(place), 0), side - 1) for place, side in zip(peak[1::-1], grid.shape, strict=True))
    return float(grid[row, column])


def point_probability(calibration: tuple[float, ...] | None, place: float | None, value: float, score: float) -> float:
    """How probable it is that the action can be done at a point, in [0, 1].

    Args:
        calibration: see `ModelConfig.point_calibration`; None: what is known is multiplied.
        place: the place head's probability there; None without one.
        value: of the point, relative to the strongest of its action.
        score: of its action.
    """
    if calibration is None:
        return float(score) * value if place is None else place
    features = point_features(place, value, score)
    logit = sum(weight * feature for weight, feature in zip(calibration, features, strict=True))
    return 1 / (1 + math.exp(-min(max(logit, -50.0), 50.0)))


def point_features(place: float | None, value: float, score: float) -> tuple[float, float, float, float]:
    """What a point's probability is computed from, in the order of `ModelConfig.point_calibration`."""
    return 0.0 if place is None else _logit(place), math.log(max(value, SMALLEST)), _logit(float(score)), 1.0


def _logit(probability: float) -> float:
    clipped = min(max(probability, SMALLEST), 1 - SMALLEST)
    return math.log(clipped / (1 - clipped))
