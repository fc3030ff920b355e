"""A still scene stands still, a scene that changes is followed at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from hotspot_core import HotspotPredictor, InputError, Prediction
from hotspot_core.data.synthetic.clip import make_image
from hotspot_core.tracking.map_smoother import MapSmoother
from hotspot_core.tracking.stabilizer import StabilitySettings, Stabilizer, StablePrediction

PERIOD = 33_000_000
SETTINGS, RAW = StabilitySettings(), StabilitySettings(smoothing=0.0, hysteresis=0.0)
# Pixels.
JUMP = 20.0
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def predictor() -> HotspotPredictor:
    return HotspotPredictor(precision="auto")


def scene(seed: int) -> Picture:
    return np.asarray(cv2.resize(make_image(np.random.default_rng(seed)).image, (640, 480)))


def disturbed(image: Picture, count: int, seed: int = 0) -> Iterator[Picture]:
    """The same scene with noise, flicker and shake."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        shift = np.array([[1, 0, rng.normal(0, 2)], [0, 1, rng.normal(0, 2)]])
        shaken = cv2.warpAffine(image, shift, image.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
        noisy = shaken * (1 + rng.normal(0, 0.05)) + rng.normal(0, 8, image.shape)
        yield noisy.clip(0, 255).astype(np.uint8)


def run(
    stabilizer: Stabilizer, predictions: list[Prediction], images: list[Picture], settings: StabilitySettings
) -> list[StablePrediction]:
    frames = enumerate(zip(predictions, images, strict=True))
    return [stabilizer.update(p, image, number * PERIOD, settings) for number, (p, image) in frames]


def best(predictions: list[StablePrediction]) -> NDArray[np.float64]:
    """(frames, actions, 2)."""
    first = [{point.action: (point.x, point.y) for point in reversed(p.prediction.points)} for p in predictions]
    return np.array([list(points.values()) for points in first])


def test_a_still_scene_has_a_tenth_of_the_jumps(predictor: HotspotPredictor) -> None:
    """1. Three scenes, 20 noisy, flickering, shaking images of each. 2. Of the jumps over 20 pixels of all actions'
    best points at most a tenth remain, and their rms, most of it of those that are left, falls."""
    totals = {RAW: np.zeros(2), SETTINGS: np.zeros(2)}
    for seed in (1, 2, 3):
        images = list(disturbed(scene(seed), 20, seed))
        predictions = [predictor.predict(image) for image in images]
        for settings, total in totals.items():
            places = best(run(Stabilizer(), predictions, images, settings))
            steps = np.linalg.norm(np.diff(places, axis=0), axis=2)
            off = np.linalg.norm(places - np.median(places, axis=0), axis=2)
            total += (steps > JUMP).sum(), (off**2).sum()
    (jumps, squares), (jumps_before, squares_before) = totals[SETTINGS], totals[RAW]
    assert jumps_before > 20
    assert jumps <= jumps_before / 10
    assert squares < squares_before


def test_without_smoothing_and_hysteresis_a_prediction_is_what_it_was(predictor: HotspotPredictor) -> None:
    images = list(disturbed(scene(4), 4))
    predictions = [predictor.predict(image) for image in images]
    for prediction, stable in zip(predictions, run(Stabilizer(), predictions, images, RAW), strict=True):
        assert stable.prediction.points == prediction.points
        np.testing.assert_array_equal(stable.prediction.heatmaps, prediction.heatmaps)


@pytest.mark.parametrize("moves", [True, False], ids=["the thing moves", "another scene"])
def test_a_change_is_reported_within_three_frames(predictor: HotspotPredictor, moves: bool) -> None:
    """1. After 10 images another scene is seen, or the same thing elsewhere. 2. The best points are where a stabilizer
    that has seen nothing else has them: at once, or from the third image on."""
    if moves:
        thing = cv2.resize(scene(5), (240, 180))
        before, after = np.full((2, 480, 640, 3), 120, np.uint8)
        before[150:330, 30:270] = after[150:330, 370:610] = thing
    else:
        before, after = scene(5), scene(6)
    images = [before] * 10 + [after] * 6
    old, new = predictor.predict(before), predictor.predict(after)
    places = best(run(Stabilizer(), [old] * 10 + [new] * 6, images, SETTINGS))
    expected = best(run(Stabilizer(), [new], [after], SETTINGS))[0]
    distances = np.linalg.norm(places[10:] - expected, axis=2)
    assert (np.linalg.norm(places[9] - expected, axis=1) > 2 * JUMP).sum() >= 5
    assert (distances[2:] < JUMP if moves else distances == 0).all()


def test_time_that_jumps_and_other_scenes_end_tracks(predictor: HotspotPredictor) -> None:
    """Back, or by far more than usual, or another scene: numbers begin anew; a usual pause, as of a slow camera, ends
    nothing."""
    image = scene(7)
    prediction = predictor.predict(image)
    second = 10**9
    for stamps, kept in (((0, second), True), ((0, 3 * second, 6 * second), True), ((0, second, 0), False)):
        stabilizer, numbers = Stabilizer(), []
        for stamp in stamps:
            numbers.append({t.track_id for t in stabilizer.update(prediction, image, stamp, SETTINGS).tracks})
        assert (numbers[-1] == numbers[-2]) is kept
    stabilizer = Stabilizer()
    steps = [(0, image), (PERIOD, image), (2 * PERIOD, scene(8)), (30 * second, scene(8))]
    found = [stabilizer.update(prediction, seen, stamp, SETTINGS).tracks for stamp, seen in steps]
    ids = [{track.track_id for track in tracks} for tracks in found]
    assert [a == b for a, b in pairwise(ids)] == [True, False, False]
    assert [max(track.age for track in tracks) for tracks in found] == [0, PERIOD, 0, 0]


def test_maps_and_scores_are_means_at_first_and_then_fade() -> None:
    """Against the definition: all images weigh the same until the weight of a new one falls to 1 - smoothing."""
    rng = np.random.default_rng(0)
    blank = HotspotPredictor().predict(scene(9), actions=["open"])
    smoother, mean, score = MapSmoother(), np.zeros_like(blank.heatmaps, dtype=float), 0.0
    for number in range(8):
        heat, value = rng.random(blank.heatmaps.shape).astype(np.float32), rng.random()
        weight = max(1 / (number + 1), 0.25)
        mean, score = mean + weight * (heat - mean), score + weight * (value - score)
        one = replace(blank, heatmaps=heat / heat.max(), maps=heat, places=None, scores=np.array([value], np.float32))
        smooth = smoother.update(one, 0.75)
        assert smooth.maps is not None
        np.testing.assert_allclose(smooth.maps, mean, atol=1e-5)
        assert smooth.scores[0] == pytest.approx(score, abs=1e-5)
        assert smooth.heatmaps.max() == 1


def test_points_are_cut_to_what_is_asked_for(predictor: HotspotPredictor) -> None:
    image = scene(1)
    prediction = predictor.predict(image)
    for count, threshold in ((0, 0.3), (1, 0.3), (10, 0.6)):
        settings = StabilitySettings(points_per_action=count, peak_threshold=threshold)
        points = Stabilizer().update(prediction, image, 0, settings).prediction.points
        expected = predictor.predict(image, points_per_action=count, peak_threshold=threshold).points
        assert points == expected


@pytest.mark.parametrize("setting", [{"smoothing": 1.0}, {"smoothing": -0.1}, {"hysteresis": 1.1}])
def test_settings_out_of_range_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(setting))):
        StabilitySettings(**setting)
