"""The hotspots of one image: what a predictor returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotspot_core.errors import InputError
from hotspot_core.hotspots.regions import Region, resample
from hotspot_core.media.images import Image as Image


class InteractionPoint(NamedTuple):
    """A peak of an action's heatmap: x, y in pixels of the input image, value in [0, 1]."""

    action: str
    x: float
    y: float
    value: float


@dataclass(frozen=True)
class Prediction:
    """The hotspots of one image.

    Attributes:
        actions: the A names asked for.
        scores: (A,) in [0, 1]: of a model with independent scores, the probability that the action can be done to
            something in the image; else the softmax over all actions of the model.
        heatmaps: (A, h, w) float32 in [0, 1], each divided by its maximum, on the model's grid; 0 everywhere where
            the model sees no place for the action.
        points: strongest first within an action, actions in order; (0, 0) is the center of the top-left pixel.
        region: the part of the image that the heatmaps cover.
        image_size: (height, width) of the image in pixels.
        all_scores: every action that the model knows -> its score, also of those left out above.
        maxima: (A,) float32, what each heatmap was divided by, the largest value of Eq. 4; None where it is not known,
            as of a prediction that came as a message.
    """

    actions: tuple[str, ...]
    scores: NDArray[np.float32]
    heatmaps: NDArray[np.float32]
    points: list[InteractionPoint]
    region: Region
    image_size: tuple[int, int]
    all_scores: dict[str, float] = field(default_factory=dict)
    maxima: NDArray[np.float32] | None = None

    def above(self, score_threshold: float) -> Prediction:
        """The same with only the actions whose score is at least `score_threshold`."""
        kept = np.flatnonzero(self.scores >= score_threshold)
        if len(kept) == len(self.actions):
            return self
        actions = tuple(self.actions[i] for i in kept)
        points = [point for point in self.points if point.action in actions]
        maxima = None if self.maxima is None else self.maxima[kept]
        return replace(
            self,
            actions=actions,
            scores=self.scores[kept],
            heatmaps=self.heatmaps[kept],
            points=points,
            maxima=maxima,
        )

    @property
    def maps(self) -> NDArray[np.float32]:
        """(A, h, w) float32 >= 0, Eq. 4 not normalized: maps of an image's actions can be compared or added.

        Raises:
            InputError: the maps' largest values are not known.
        """
        if self.maxima is None:
            raise InputError("a prediction without `maxima` has normalized heatmaps only: predict the image here")
        return self.heatmaps * self.maxima[:, None, None]

    def heatmaps_at(self, height: int, width: int) -> NDArray[np.float32]:
        """The heatmaps resampled to (A, height, width), covering exactly the image.

        Raises:
            InputError: a side is not positive.
        """
        return resample(self.heatmaps, self.region, self.image_size, (height, width))
