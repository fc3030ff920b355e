"""The message nearest to a stamp."""

from __future__ import annotations

import weakref

from builtin_interfaces.msg import Time
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from hotspot_ros.positions.nearest_message import NearestMessage


def info(seconds: float, width: int = 0) -> CameraInfo:
    return CameraInfo(header=Header(stamp=at(seconds)), width=width)


def at(seconds: float) -> Time:
    return Time(sec=int(seconds), nanosec=round(seconds % 1 * 10**9))


def test_the_nearest_within_the_slop_is_found() -> None:
    """The nearest of several, before or after; none beyond the slop, unless there is no slop."""
    near: NearestMessage[CameraInfo] = NearestMessage(slop=0.05)
    near.put(info(0))
    endless: NearestMessage[CameraInfo] = NearestMessage(slop=None)
    assert endless.match(at(1)).message is None
    for second in (1.0, 1.1, 1.2):
        near.put(info(second, width=int(10 * second)))
        endless.put(info(second, width=int(10 * second)))
    found = [near.match(at(second)).message for second in (1.04, 1.06, 1.25, 1.26)]
    assert [f and f.width for f in found] == [10, 11, 12, None]
    assert endless.match(at(9)).message.width == 12  # type: ignore[union-attr]


def test_a_match_outlives_the_messages() -> None:
    """1. A match that is held takes a nearer message that comes later, and not a farther one. 2. It keeps it while a
    hundred others come and go, which an image that asks only then does not find. 3. It is let go with its image."""
    near: NearestMessage[CameraInfo] = NearestMessage(slop=0.05, seconds=0)
    near.put(info(0.97, width=1))
    match = near.match(at(1))
    assert match.message.width == 1  # type: ignore[union-attr]
    near.put(info(1.01, width=2))
    for index in range(100):
        near.put(info(1.04 + index / 30, width=3))
    assert match.message.width == 2  # type: ignore[union-attr]
    assert near.match(at(1)).message is None
    released = weakref.ref(match)
    del match
    assert released() is None


def test_messages_are_kept_for_a_time_whatever_their_rate() -> None:
    """1. At 90 Hz the messages of the last half second are there, older ones are not. 2. A message that comes alone, as
    a latched calibration, is kept for good. 3. After a jump back to stamps that were there before, the messages of the
    new run are found, not those of the old one."""
    now = 0.0
    near: NearestMessage[CameraInfo] = NearestMessage(slop=0.005, seconds=0.5, clock=lambda: now)
    for index in range(1000):
        now = index / 90
        near.put(info(now, width=1))
    assert near.match(at(now - 0.49)).message is not None
    assert near.match(at(now - 0.52)).message is None
    assert len(near._messages) <= 46
    alone: NearestMessage[CameraInfo] = NearestMessage(slop=None, seconds=0.5, clock=lambda: now)
    alone.put(info(1, width=7))
    now += 1000
    assert alone.match(at(2000)).message.width == 7  # type: ignore[union-attr]
    near.put(info(999, width=1))
    near.put(info(999, width=2))
    assert near.match(at(999)).message.width == 2  # type: ignore[union-attr]
    near.put(info(1, width=2))
    assert near.match(at(1)).message.width == 2  # type: ignore[union-attr]


def test_absurd_stamps_are_only_far_away() -> None:
    """Negative seconds and more nanoseconds than a second has neither raise nor match."""
    near: NearestMessage[CameraInfo] = NearestMessage(slop=0.1)
    near.put(CameraInfo(header=Header(stamp=Time(sec=-(2**31), nanosec=2**32 - 1))))
    assert near.match(at(1)).message is None
    near.put(info(1))
    assert near.match(at(1)).message is not None
