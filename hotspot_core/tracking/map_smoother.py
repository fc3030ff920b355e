"""The maps of a scene averaged over the images of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.hotspots.regions import Region


@dataclass
class _Memory:
    """The mean of an action's maps (h, w) and scores, over how many images, of which part of an image."""

    heat: NDArray[np.float32]
    score: float
    images: int
    region: Region


class MapSmoother:
    """An exponential mean of each action's map, not normalized, and of its score; all that it keeps is the mean."""

    def __init__(self) -> None:
        self._memories: dict[str, _Memory] = {}

    def reset(self) -> None:
        """Forgets all maps."""
        self._memories.clear()

    def update(self, prediction: Prediction, smoothing: float) -> Prediction:
        """The same with the means of maps and scores.

        Args:
            smoothing: weight of what was, in [0, 1), once there were enough images; before, all weigh the same.

        Returns:
            A prediction whose points are still those of its own map. Actions that it does not have are forgotten.
        """
        maps = prediction.heatmaps if prediction.maxima is None else prediction.maps
        rows = zip(prediction.actions, maps, prediction.scores.tolist(), strict=True)
        self._memories = {a: self._mean(a, heat, score, prediction.region, smoothing) for a, heat, score in rows}
        means = [self._memories[action] for action in prediction.actions]
        if not means:
            return prediction
        heat = np.stack([mean.heat for mean in means])
        maxima = heat.max(axis=(1, 2))
        return replace(
            prediction,
            scores=np.array([mean.score for mean in means], np.float32),
            heatmaps=heat / maxima.clip(np.finfo(np.float32).tiny)[:, None, None],
            maxima=None if prediction.maxima is None else maxima,
        )

    def _mean(self, action: str, heat: NDArray[np.float32], score: float, region: Region, smoothing: float) -> _Memory:
        before = self._memories.get(action)
        if before is None or before.region != region or before.heat.shape != heat.shape:
            return _Memory(heat, score, 1, region)
        images = before.images + 1
        weight = max(1 - smoothing, 1 / images)
        mean = before.heat + np.float32(weight) * (heat - before.heat)
        return _Memory(mean, before.score + weight * (score - before.score), images, region)
