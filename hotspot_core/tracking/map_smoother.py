"""The maps of a scene averaged over the images of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.places import published_heatmaps
from hotspot_core.hotspots.prediction import Prediction
from hotspot_core.hotspots.regions import Region


@dataclass
class _Memory:
    """The means over an action's images: maps (h, w) or, where these are not known, heatmaps; places (h, w); scores."""

    maps: NDArray[np.float32]
    places: NDArray[np.float32] | None
    score: float
    images: int
    region: Region

    def fits(self, other: _Memory) -> bool:
        """Whether both are of the same part of an image, and of one kind."""
        is_alike = (self.places is None) == (other.places is None)
        return self.region == other.region and self.maps.shape == other.maps.shape and is_alike


class MapSmoother:
    """Exponential means of each action's map, not normalized, places and score; all that it keeps is the mean."""

    def __init__(self) -> None:
        self._memories: dict[str, _Memory] = {}

    def reset(self) -> None:
        """Forgets all maps."""
        self._memories.clear()

    def update(self, prediction: Prediction, smoothing: float) -> Prediction:
        """The same with the means of maps, places and scores, and the heatmaps of these.

        Args:
            smoothing: weight of what was, in [0, 1), once there were enough images; before, all weigh the same.

        Returns:
            A prediction whose points are still those of its own map. Actions that it does not have are forgotten.
        """
        maps = prediction.heatmaps if prediction.maps is None else prediction.maps
        memories = {}
        for index, action in enumerate(prediction.actions):
            places = None if prediction.places is None else prediction.places[index]
            new = _Memory(maps[index], places, float(prediction.scores[index]), 1, prediction.region)
            memories[action] = self._mean(action, new, smoothing)
        self._memories = memories
        means = [memories[action] for action in prediction.actions]
        if not means:
            return prediction
        mean_maps = np.stack([mean.maps for mean in means])
        places_of = [mean.places for mean in means if mean.places is not None]
        mean_places = np.stack(places_of) if places_of else None
        return replace(
            prediction,
            scores=np.array([mean.score for mean in means], np.float32),
            heatmaps=published_heatmaps(mean_maps, mean_places),
            maps=None if prediction.maps is None else mean_maps,
            places=mean_places,
        )

    def _mean(self, action: str, new: _Memory, smoothing: float) -> _Memory:
        before = self._memories.get(action)
        if before is None or not before.fits(new):
            return new
        images = before.images + 1
        weight = np.float32(max(1 - smoothing, 1 / images))
        places = None
        if before.places is not None and new.places is not None:
            places = before.places + weight * (new.places - before.places)
        maps = before.maps + weight * (new.maps - before.maps)
        return _Memory(maps, places, before.score + float(weight) * (new.score - before.score), images, new.region)
