"""Interaction points that keep their identity from image to image, and a best one that stays the best.

Points of one action are at least three cells of its map apart and hardly move between two images, so that the nearest
track within two cells is the right one; a motion model, as general tracking libraries have it, finds nothing to model.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hotspot_core.hotspots.prediction import InteractionPoint

# Images without a point after which its track ends.
MAX_MISSED = 10
# Images after which the best point of an action is held with all of the hysteresis: a first choice in a scene that has
# just changed may be wrong.
SETTLED = 2


@dataclass
class Track:
    """A place of an action, as it was seen last.

    Attributes:
        number: from 1 on, never used again.
        since: when it was seen first, in nanoseconds.
        missed: images since it was seen last.
    """

    number: int
    action: str
    x: float
    y: float
    since: int
    missed: int = 0


class TrackedPoint(NamedTuple):
    """A point, smoothed, with the number of its track and for how many nanoseconds that has been seen."""

    point: InteractionPoint
    track_id: int
    age: int


class PointTracker:
    """Tracks of all actions of one camera."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._tracks: list[Track] = []
        # Action -> its best track, and for how many images.
        self._best: dict[str, tuple[int, int]] = {}

    def reset(self) -> None:
        """Ends all tracks; their numbers are not used again."""
        self._tracks, self._best = [], {}

    def numbers(self) -> set[int]:
        """Of all tracks that have not ended."""
        return {track.number for track in self._tracks}

    def displacement(self, expected: Mapping[int, tuple[float, float]]) -> float:
        """By how many pixels a camera that has moved shifts the tracks, in the median; 0 where there are none."""
        known = [track for track in self._tracks if track.number in expected]
        shifts = [_distance(expected[track.number], (track.x, track.y)) for track in known]
        return statistics.median(shifts) if shifts else 0.0

    def update(
        self,
        points: Sequence[InteractionPoint],
        stamp: int,
        gate: float,
        smoothing: float,
        hysteresis: float,
        expected: Mapping[int, tuple[float, float]] | None = None,
    ) -> list[TrackedPoint]:
        """The points of an image with their tracks, actions as they come, the best of each first.

        Args:
            points: of one image; those of an action together, strongest first.
            stamp: of the image, in nanoseconds.
            gate: largest distance of a point from its track, in pixels.
            smoothing: weight of a track's place against the point's, in [0, 1].
            hysteresis: the best point of an action stays the first until another's value exceeds its own by more than
                this fraction of the strongest, in [0, 1].
            expected: track's number -> where a camera that has moved sees it now, in pixels.
        """
        for track in self._tracks:
            track.x, track.y = (expected or {}).get(track.number, (track.x, track.y))
            track.missed += 1
        tracked: list[TrackedPoint] = []
        for action, group in itertools.groupby(points, key=lambda point: point.action):
            matched = self._match(list(group), stamp, gate, smoothing)
            tracked += self._best_first(action, matched, hysteresis)
        self._tracks = [track for track in self._tracks if track.missed <= MAX_MISSED]
        return tracked

    def _match(self, points: list[InteractionPoint], stamp: int, gate: float, smoothing: float) -> list[TrackedPoint]:
        """The points of one action, each with the nearest track that is free, or a new one."""
        own = [track for track in self._tracks if track.action == points[0].action]
        pairs = (
            (_distance((point.x, point.y), (track.x, track.y)), i, track)
            for i, point in enumerate(points)
            for track in own
        )
        found: dict[int, Track] = {}
        for distance, index, track in sorted(pairs, key=lambda pair: (pair[0], pair[1], pair[2].number)):
            if distance <= gate and index not in found and track.missed:
                track.x += (1 - smoothing) * (points[index].x - track.x)
                track.y += (1 - smoothing) * (points[index].y - track.y)
                track.missed, found[index] = 0, track
        for index, point in enumerate(points):
            if index not in found:
                found[index] = Track(next(self._numbers), point.action, point.x, point.y, stamp)
                self._tracks.append(found[index])
        return [_tracked(point, found[index], stamp) for index, point in enumerate(points)]

    def _best_first(self, action: str, points: list[TrackedPoint], hysteresis: float) -> list[TrackedPoint]:
        before, images = self._best.get(action, (0, 0))
        enough = (1 - hysteresis * min(1.0, images / max(1, SETTLED))) * points[0].point.value
        held = [point for point in points if point.track_id == before and point.point.value >= enough]
        best = held[0] if held else points[0]
        self._best[action] = best.track_id, images + 1 if best.track_id == before else 1
        return [best, *(point for point in points if point is not best)]


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot(one[0] - other[0], one[1] - other[1])


def _tracked(point: InteractionPoint, track: Track, stamp: int) -> TrackedPoint:
    return TrackedPoint(point._replace(x=track.x, y=track.y), track.number, max(0, stamp - track.since))
