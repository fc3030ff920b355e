"""Points that are probable enough do not come and go with each image."""

from __future__ import annotations

import numpy as np

from hotspot_core.hotspots.prediction import InteractionPoint, Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_core.tracking.point_tracker import TrackedPoint
from hotspot_core.tracking.probable_tracks import ProbableTracks
from hotspot_core.tracking.stabilizer import StablePrediction


def shown(choice: ProbableTracks, probabilities: dict[int, float], hysteresis: float = 0.25) -> list[int]:
    """The numbers of the tracks that are left, which are those of the points."""
    points = [InteractionPoint("open", number, 0.0, 1.0, value) for number, value in probabilities.items()]
    tracks = [TrackedPoint(point, int(point.x), 0) for point in points]
    region, heatmaps = Region(0, 0, 8, 8), np.ones((1, 8, 8), np.float32)
    prediction = Prediction(("open",), np.ones(1, np.float32), heatmaps, points, region, (8, 8))
    left = choice.of(StablePrediction(prediction, tracks), 0.2, hysteresis)
    assert [track.point for track in left.tracks] == left.prediction.points
    return [track.track_id for track in left.tracks]


def test_a_point_that_was_shown_stays_until_it_is_clearly_improbable() -> None:
    """1. Below the threshold a new point is not shown. 2. Once it was above, it stays a little below. 3. Below by more
    than the hysteresis it goes, and comes back above the threshold alone. 4. A reset forgets it."""
    choice = ProbableTracks()
    assert shown(choice, {1: 0.19, 2: 0.3}) == [2]
    assert shown(choice, {1: 0.21, 2: 0.16}) == [1, 2]
    assert shown(choice, {1: 0.14, 2: 0.19}) == [2]
    assert shown(choice, {1: 0.18, 2: 0.18}) == [2]
    choice.reset()
    assert shown(choice, {1: 0.18, 2: 0.18}) == []


def test_without_hysteresis_the_threshold_is_sharp() -> None:
    choice = ProbableTracks()
    assert shown(choice, {1: 0.21}, hysteresis=0.0) == [1]
    assert shown(choice, {1: 0.19}, hysteresis=0.0) == []
