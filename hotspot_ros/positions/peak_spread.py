"""How far from its peak the place may lie that a heatmap shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Prediction

# Cells around a peak that are looked at, and the fraction of the peak's value from which on cells count.
_REACH, _FRACTION = 3, 0.5


def cell_size(prediction: Prediction) -> float:
    """The longer side of a heatmap's cell, in pixels of the image."""
    height, width = prediction.heatmaps.shape[1:]
    return max(prediction.region.width / width, prediction.region.height / height)


def peak_spreads(prediction: Prediction) -> NDArray[np.float64]:
    """(N, 2, 2) covariances of the places of a prediction's points, in pixels of the image.

    The second moments of what of the heatmap is higher than half of the peak, around it, and those of a cell.
    """
    points, region = prediction.points, prediction.region
    if not points:
        return np.zeros((0, 2, 2))
    heatmaps = prediction.heatmaps
    cell = np.array([region.width / heatmaps.shape[2], region.height / heatmaps.shape[1]])
    number = {action: index for index, action in enumerate(prediction.actions)}
    action = np.array([number[point.action] for point in points])
    place = np.array([(point.x + 0.5 - region.x, point.y + 0.5 - region.y) for point in points]) / cell - 0.5
    column, row = np.clip(np.rint(place).astype(np.int64), 0, np.array(heatmaps.shape[:0:-1]) - 1).T
    padded = np.pad(heatmaps, ((0, 0), (_REACH, _REACH), (_REACH, _REACH)))
    steps = np.arange(2 * _REACH + 1)
    around = padded[action[:, None, None], row[:, None, None] + steps[:, None], column[:, None, None] + steps]
    peak = around.max(axis=(1, 2), keepdims=True)
    weights = np.maximum(around - _FRACTION * peak, 0).astype(np.float64)
    weights /= np.maximum(weights.sum(axis=(1, 2), keepdims=True), 1e-12)
    offset = (steps - _REACH) - (place - np.column_stack([column, row]))[..., None]
    x, y = offset[:, 0, None, :] * cell[0], offset[:, 1, :, None] * cell[1]
    moments = [(weights * one * other).sum(axis=(1, 2)) for one, other in ((x, x), (x, y), (y, x), (y, y))]
    return np.stack(moments, axis=1).reshape(-1, 2, 2) + np.diag(cell * cell / 12)
