"""Predictions as arrays of a fixed size, for data sets whose frames all have the same features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Prediction

PARTS = ("x", "y", "value", "probability")
# What stands in place of a point that there is not: a place outside of the image, of no value.
NO_POINT = (-1.0, -1.0, 0.0, 0.0)


def point_vector(prediction: Prediction, actions: Sequence[str], points_per_action: int) -> NDArray[np.float32]:
    """(A, K, 4) float32: the K strongest points of each action as x and y in pixels, value and probability; where there
    are fewer, `NO_POINT`."""
    vector = np.tile(np.array(NO_POINT, np.float32), (len(actions), points_per_action, 1))
    for row, action in zip(vector, actions, strict=True):
        points = [point for point in prediction.points if point.action == action][:points_per_action]
        for rank, point in enumerate(points):
            row[rank] = point.x, point.y, point.value, point.probability
    return vector


def point_names(actions: Sequence[str], points_per_action: int) -> list[str]:
    """Of the entries of a `point_vector` in their order, such as "open.1.x"."""
    ranks = range(1, points_per_action + 1)
    return [f"{action}.{rank}.{part}" for action in actions for rank in ranks for part in PARTS]


def map_stack(prediction: Prediction, actions: Sequence[str]) -> NDArray[np.float32]:
    """(A, h, w) float32: the heatmaps on the model's grid, which covers exactly the image; 0 of an action that was left
    out."""
    height, width = prediction.heatmaps.shape[1:]
    stack = np.zeros((len(actions), height, width), np.float32)
    for action, heatmap in zip(prediction.actions, prediction.heatmaps_at(height, width), strict=True):
        stack[list(actions).index(action)] = heatmap
    return stack
