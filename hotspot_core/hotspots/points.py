"""From heatmaps to interaction points in the pixels of the image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.peaks import find_peaks
from hotspot_core.hotspots.prediction import InteractionPoint
from hotspot_core.hotspots.regions import Region


def find_points(
    actions: Sequence[str],
    heatmaps: NDArray[np.float32],
    region: Region,
    image_hw: tuple[int, int],
    points_per_action: int,
    peak_threshold: float,
) -> list[InteractionPoint]:
    """The peaks of each action's heatmap, actions in order, strongest first within one.

    Args:
        heatmaps: (A, h, w) float32, >= 0.
        region: the part of the image that they cover.
        image_hw: (height, width) of the image, in which every point lies.
        points_per_action: largest number of points per action.
        peak_threshold: smallest value of a point, relative to the strongest of its action, in [0, 1].
    """
    height, width = image_hw
    points = []
    for name, heatmap in zip(actions, heatmaps, strict=True):
        for peak in find_peaks(heatmap, points_per_action, peak_threshold):
            x, y = region.to_pixels(peak.column, peak.row, heatmap.shape)
            inside = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
            points.append(InteractionPoint(name, *inside, peak.value))
    return points
