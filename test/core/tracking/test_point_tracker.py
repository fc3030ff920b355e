"""Points keep their track while they are the same, and the best one stays the best."""

from __future__ import annotations

from typing import Any

from hotspot_core import InteractionPoint
from hotspot_core.tracking.point_tracker import MAX_MISSED, PointTracker, TrackedPoint

SECOND = 10**9


def at(x: float, y: float, value: float = 1.0, action: str = "open") -> InteractionPoint:
    return InteractionPoint(action, x, y, value)


def update(tracker: PointTracker, *points: InteractionPoint, stamp: int = 0, **settings: Any) -> list[TrackedPoint]:
    return tracker.update(points, stamp, **{"gate": 30.0, "smoothing": 0.0, "hysteresis": 0.2, **settings})


def test_a_place_keeps_its_number_and_ages() -> None:
    """1. Two places, which shake, are the same after a second. 2. One that was not there gets a number of its own."""
    tracker = PointTracker()
    first = update(tracker, at(100, 100), at(300, 100, 0.9))
    second = update(tracker, at(290, 105, 1.0), at(108, 96, 0.9), at(500, 100, 0.5), stamp=SECOND)
    assert [point.track_id for point in first] == [1, 2]
    assert {point.track_id: point.age for point in second} == {1: SECOND, 2: SECOND, 3: 0}


def test_the_nearest_pairs_come_first() -> None:
    """Two tracks and two points within the gate of each other: each point gets the track that is nearest to it."""
    tracker = PointTracker()
    update(tracker, at(100, 100), at(125, 100, 0.9))
    places = {point.track_id: point.point.x for point in update(tracker, at(120, 100), at(96, 100, 0.9))}
    assert places == {1: 96, 2: 120}


def test_actions_have_tracks_of_their_own() -> None:
    tracker = PointTracker()
    update(tracker, at(100, 100), at(100, 100, action="pull"))
    assert [p.track_id for p in update(tracker, at(100, 100, action="pull"))] == [2]


def test_a_rival_must_be_stronger_by_the_hysteresis() -> None:
    """1. A rival that is a little stronger comes second, with its own value. 2. One that is much stronger comes first,
    and then stays there, once it was so twice: the first choice after a change may be wrong. 3. Without hysteresis the
    stronger one comes first at once."""
    values = (1.0, 0.9), (1.0, 0.9), (0.85, 1.0), (0.75, 1.0), (0.75, 1.0), (1.0, 0.85), (0.75, 1.0), (1.0, 0.85)
    for hysteresis, expected in ((0.2, [1, 1, 1, 2, 2, 2, 2, 2]), (0.0, [1, 1, 2, 2, 2, 1, 2, 1])):
        tracker, seen = PointTracker(), []
        for left, right in values:
            points = sorted((at(100, 100, left), at(300, 100, right)), key=lambda point: -point.value)
            tracked = update(tracker, *points, hysteresis=hysteresis)
            assert sorted(point.point.value for point in tracked) == sorted((left, right))
            seen.append(tracked[0].track_id)
        assert seen == expected


def test_a_first_choice_is_held_less() -> None:
    """What is the best for one image only is held with half of the hysteresis."""
    tracker = PointTracker()
    for left, right, expected in ((1.0, 0.9, 1), (0.85, 1.0, 2), (1.0, 0.95, 2)):
        points = sorted((at(100, 100, left), at(300, 100, right)), key=lambda point: -point.value)
        assert update(tracker, *points)[0].track_id == expected


def test_a_track_ends_when_it_was_not_seen_for_long() -> None:
    for missed, expected in ((MAX_MISSED, 1), (MAX_MISSED + 1, 2)):
        tracker = PointTracker()
        update(tracker, at(100, 100))
        for _ in range(missed):
            update(tracker)
        assert tracker.numbers() == ({1} if expected == 1 else set())
        assert [p.track_id for p in update(tracker, at(100, 100))] == [expected]


def test_places_are_smoothed() -> None:
    tracker = PointTracker()
    update(tracker, at(100, 100))
    ((point, _, _),) = update(tracker, at(108, 96), smoothing=0.5)
    assert (point.x, point.y) == (104, 98)


def test_a_known_motion_moves_the_tracks() -> None:
    """1. The camera turns by more than points are apart: where that is known, each keeps its number. 2. A place that is
    out of sight is none of those in the image."""
    tracker = PointTracker()
    update(tracker, at(100, 100), at(300, 100, 0.9))
    moved = update(tracker, at(300, 100), at(500, 100, 0.9), expected={1: (300, 100), 2: (500, 100)})
    assert [(point.track_id, point.point.x) for point in moved] == [(1, 300), (2, 500)]
    gone = update(tracker, at(300, 100), expected={1: (-1e9, 0), 2: (-1e9, 0)})
    assert [point.track_id for point in gone] == [3]


def test_numbers_are_not_used_again() -> None:
    tracker = PointTracker()
    update(tracker, at(100, 100))
    tracker.reset()
    assert [p.track_id for p in update(tracker, at(100, 100))] == [2]
