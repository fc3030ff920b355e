"""Results that wait: each camera's in order, none longer than its patience, and none for another camera's."""

from __future__ import annotations

from typing import cast

import pytest

from hotspot_ros.pipeline.frames import InferredFrame
from hotspot_ros.pipeline.results import PendingResults


class Expected:
    """What a frame waits for: here, or not, or of a kind that cannot be looked up."""

    def __init__(self) -> None:
        self.complete: bool | Exception = False

    def is_complete(self) -> bool:
        if isinstance(self.complete, Exception):
            raise self.complete
        return self.complete


class Waiting:
    """A predicted frame, as far as `PendingResults` looks at it."""

    def __init__(self, camera: str, ended: float, expected: Expected | None) -> None:
        self.camera, self.ended, self.expected = camera, ended, expected
        self.decoded = self.frame = self


def waiting(camera: str, ended: float, expected: Expected | None) -> InferredFrame:
    return cast(InferredFrame, Waiting(camera, ended, expected))


def test_a_camera_waits_for_itself_alone_and_in_order() -> None:
    """1. Two frames of a camera whose depth is late, three of others, one without depth. 2. The others leave at once.
    3. The late camera's second frame, complete first, leaves after its first."""
    pending = PendingResults(patience=10)
    late = [Expected(), Expected()]
    frames = [waiting("wrist", number, expected) for number, expected in enumerate(late)]
    complete = Expected()
    complete.complete = True
    others = [waiting("front", 0, None), waiting("front", 1, complete), waiting("top", 1, None)]
    for frame in (frames[0], others[0], frames[1], *others[1:]):
        pending.add(frame)
    assert pending.take(now=2) == others
    late[1].complete = True
    assert pending.take(now=3) == []
    late[0].complete = True
    assert pending.take(now=4) == frames
    assert pending.next_deadline() is None


def test_patience_ends() -> None:
    """1. Frames that wait leave when their own patience ends, not before. 2. What is asked next is told. 3. At the end
    all leave, in order."""
    pending = PendingResults(patience=10)
    first, second, third = (waiting("wrist", ended, Expected()) for ended in (0, 3, 5))
    other = waiting("front", 1, Expected())
    for frame in (first, other, second, third):
        pending.add(frame)
    assert pending.next_deadline() == 10
    assert pending.take(now=9.9) == []
    assert pending.take(now=10) == [first]
    assert pending.next_deadline() == 11
    assert pending.take(now=13) == [second, other]
    assert pending.take_all() == [third]
    assert pending.take_all() == []


@pytest.mark.parametrize("error", [ValueError("a stamp before the beginning of time"), RuntimeError("tf2")])
def test_what_cannot_be_looked_up_is_not_waited_for(error: Exception) -> None:
    """An error while looking ends the wait: the frame goes on, and says why it has no positions when it is placed."""
    pending, expected = PendingResults(patience=10), Expected()
    frame = waiting("wrist", 0, expected)
    pending.add(frame)
    assert pending.take(now=1) == []
    expected.complete = error
    assert pending.take(now=1) == [frame]
