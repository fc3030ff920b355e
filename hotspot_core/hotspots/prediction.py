"""The hotspots of one image: what a predictor returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.regions import Region, resample
from hotspot_core.media.images import Image as Image


class InteractionPoint(NamedTuple):
    """A peak of an action's heatmap.

    Attributes:
        action: which.
        x, y: pixels of the input image; (0, 0) is the center of the top-left pixel.
        value: in [0, 1], relative to the strongest place of the action.
        probability: in [0, 1], that the action can be done here: comparable between actions and images. Of a model
            without a calibrated place head, the action's score times `value`.
    """

    action: str
    x: float
    y: float
    value: float
    probability: float = 0.0


@dataclass(frozen=True)
class Prediction:
    """The hotspots of one image.

    Attributes:
        actions: the A names asked for.
        scores: (A,) in [0, 1]: of a model with independent scores, the probability that the action can be done to
            something in the image; else the softmax over all actions of the model.
        heatmaps: (A, h, w) float32 in [0, 1], each divided by its maximum, on the model's grid; 0 everywhere where
            the model sees no place for the action. Of a model with a place head, the root of `maps` times `places`.
        points: strongest first within an action, actions in order; (0, 0) is the center of the top-left pixel.
        region: the part of the image that the heatmaps cover.
        image_size: (height, width) of the image in pixels.
        all_scores: every action that the model knows -> its score, also of those left out above.
        maps: (A, h, w) float32 >= 0, Eq. 4, not normalized: maps of an image's actions can be compared or added; None
            where they are not known, as of a prediction that came as a message.
        places: (A, h, w) float32 in [0, 1], the place head's probability that the action can be done in a cell; None
            of a model without one.
        calibration: see `hotspot_core.hotspots.places.point_probability`; None where points are not calibrated.
    """

    actions: tuple[str, ...]
    scores: NDArray[np.float32]
    heatmaps: NDArray[np.float32]
    points: list[InteractionPoint]
    region: Region
    image_size: tuple[int, int]
    all_scores: dict[str, float] = field(default_factory=dict)
    maps: NDArray[np.float32] | None = None
    places: NDArray[np.float32] | None = None
    calibration: tuple[float, ...] | None = None

    @property
    def calibrated(self) -> bool:
        """Whether the points' probabilities were fitted to what images afford."""
        return self.calibration is not None

    def above(self, score_threshold: float, probability_threshold: float = 0.0) -> Prediction:
        """The same with only the actions whose score is at least `score_threshold`, and of these only the points whose
        probability is at least `probability_threshold`."""
        kept = np.flatnonzero(self.scores >= score_threshold)
        actions = tuple(self.actions[i] for i in kept)
        points = [p for p in self.points if p.action in actions and p.probability >= probability_threshold]
        if len(points) == len(self.points) and len(actions) == len(self.actions):
            return self
        return replace(
            self,
            actions=actions,
            scores=self.scores[kept],
            heatmaps=self.heatmaps[kept],
            points=points,
            maps=None if self.maps is None else self.maps[kept],
            places=None if self.places is None else self.places[kept],
        )

    def heatmaps_at(self, height: int, width: int) -> NDArray[np.float32]:
        """The heatmaps resampled to (A, height, width), covering exactly the image.

        Raises:
            InputError: a side is not positive.
        """
        return resample(self.heatmaps, self.region, self.image_size, (height, width))
