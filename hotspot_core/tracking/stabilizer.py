"""From the predictions of a stream's images to ones that do not jump while nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from hotspot_core.errors import check_number
from hotspot_core.hotspots.points import find_points
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.tracking.map_smoother import MapSmoother
from hotspot_core.tracking.point_tracker import PointTracker, TrackedPoint
from hotspot_core.tracking.scene_monitor import SceneChange, SceneMonitor

SMOOTHING, HYSTERESIS = 0.45, 0.4
# Cells of a map that a point may move from one image to the next and be the same.
_GATE = 2.0
# Points are also tracked while they are too weak, or too many, to be in the result: by this factor, so many.
_WEAKER, _MORE = 0.5, 3
# An image so many seconds after the one before, and so many times later than usual, belongs to another time.
_PAUSE, _UNUSUAL = 2.0, 5.0
_SECOND = 10**9


@dataclass(frozen=True)
class StabilitySettings:
    """How much is made of the past, and which points are in the result.

    Attributes:
        smoothing: weight of the past in maps, scores and places of points, in [0, 0.95]; 0 for the present alone.
        hysteresis: the best point of an action stays the first until another's value exceeds its own by more than
            this fraction of the strongest, in [0, 1].
        points_per_action: largest number of points per action.
        peak_threshold: smallest value of a point, relative to the strongest of its action, in [0, 1].

    Raises:
        InputError: a number out of its range.
    """

    smoothing: float = SMOOTHING
    hysteresis: float = HYSTERESIS
    points_per_action: int = 3
    peak_threshold: float = 0.3

    def __post_init__(self) -> None:
        check_number("smoothing", self.smoothing, 0, 0.95)
        check_number("hysteresis", self.hysteresis, 0, 1)


@dataclass(frozen=True)
class StablePrediction:
    """A prediction with the points of `tracks`, in their order: the best of each action first, then the strongest."""

    prediction: Prediction
    tracks: list[TrackedPoint]


class Stabilizer:
    """Follows the images of one camera, in their order.

    What it remembers ends where time jumps, back or by far more than usual, where the image shows another scene, and,
    of maps, where the camera moves. Tracks outlive the motion of a camera of which `expected` is known.
    """

    def __init__(self) -> None:
        self._monitor, self._smoother, self._tracker = SceneMonitor(), MapSmoother(), PointTracker()
        self._last: int | None = None
        self._interval = 0

    def reset(self) -> None:
        """Forgets all."""
        self._monitor.reset()
        self._smoother.reset()
        self._tracker.reset()
        self._last, self._interval = None, 0

    def numbers(self) -> set[int]:
        """Of all tracks that have not ended."""
        return self._tracker.numbers()

    def update(
        self,
        prediction: Prediction,
        image: Image,
        stamp: int,
        settings: StabilitySettings,
        expected: Callable[[], Mapping[int, tuple[float, float]] | None] = lambda: None,
    ) -> StablePrediction:
        """The prediction of an image in the light of those before it.

        Args:
            image: (H, W, 3) uint8 RGB, in any size.
            stamp: when it was taken, in nanoseconds.
            expected: gives, where the camera's motion is known, track's number -> where the image shows it, in pixels.
        """
        self._follow_time(stamp)
        cell = prediction.region.width / prediction.heatmaps.shape[2]
        places = expected()
        self._look_at(image, cell / prediction.image_size[1], places is not None)
        if places is not None and self._tracker.displacement(places) > cell:
            self._smoother.reset()
        if settings.smoothing > 0:
            prediction = self._smoother.update(prediction, settings.smoothing)
        else:
            self._smoother.reset()
        count = settings.points_per_action + _MORE if settings.points_per_action else 0
        candidates = find_points(prediction, count, settings.peak_threshold * _WEAKER)
        tracked = self._tracker.update(candidates, stamp, _GATE * cell, settings.smoothing, settings.hysteresis, places)
        published = _published(tracked, settings)
        return StablePrediction(replace(prediction, points=[track.point for track in published]), published)

    def _follow_time(self, stamp: int) -> None:
        passed = stamp - self._last if self._last is not None else 0
        if passed < 0 or passed > max(_PAUSE * _SECOND, _UNUSUAL * self._interval):
            self.reset()
        self._last, self._interval = stamp, max(0, passed)

    def _look_at(self, image: Image, cell: float, motion_is_known: bool) -> None:
        """Forgets what is not true any more of what an image shows; `cell` is in fractions of the image's width."""
        change = self._monitor.update(image, cell)
        if change is not SceneChange.NONE:
            self._smoother.reset()
        if change is SceneChange.OTHER and not motion_is_known:
            self._tracker.reset()


def _published(tracked: list[TrackedPoint], settings: StabilitySettings) -> list[TrackedPoint]:
    """Of each action the first and strongest that are strong enough."""
    counts: dict[str, int] = {}
    published = []
    for track in tracked:
        count = counts.get(track.point.action, 0)
        if count < settings.points_per_action and track.point.value >= settings.peak_threshold:
            counts[track.point.action] = count + 1
            published.append(track)
    return published
