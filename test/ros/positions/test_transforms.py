"""Transforms at the stamp of an image, with a stand-in for tf2_ros, which pip does not have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from builtin_interfaces.msg import Time as Stamp
from geometry_msgs.msg import Transform, TransformStamped, Vector3
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.task import Future
from rclpy.time import Time

from hotspot_core.errors import InputError
from hotspot_ros.positions.transforms import TargetFrame


class TransformBuffer:
    """Knows the stamp 1 s, and like tf2 gives the latest transform where asked for the time 0."""

    def __init__(self) -> None:
        self.cleared = 0
        self.known = {0, 10**9}
        self.waiting: dict[int, Future[None]] = {}

    def lookup_transform(self, _target: str, _source: str, time: Time) -> TransformStamped:
        if time.nanoseconds not in self.known:
            raise LookupError("extrapolation into the future")
        return TransformStamped(transform=Transform(translation=Vector3(x=1.0)))

    def wait_for_transform_async(self, _target: str, _source: str, time: Time) -> Future[None]:
        future: Future[None] = Future()
        if time.nanoseconds in self.known:
            future.set_result(None)
        else:
            self.waiting[time.nanoseconds] = future
        return future

    def learn(self, nanoseconds: int) -> None:
        self.known.add(nanoseconds)
        self.waiting.pop(nanoseconds).set_result(None)

    def clear(self) -> None:
        self.cleared += 1


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node under simulated time."""
    listener = SimpleNamespace(unregister=lambda: None)
    stand_in = SimpleNamespace(
        Buffer=TransformBuffer, TransformListener=lambda _buffer, _node: listener, TransformException=LookupError
    )
    monkeypatch.setitem(sys.modules, "tf2_ros", stand_in)
    made = Node("transformed", parameter_overrides=[Parameter("use_sim_time", value=True)])
    yield made
    made.destroy_node()


def test_never_the_latest_transform_instead(node: Node) -> None:
    """The transform of the image's stamp is given; a stamp without a transform, and an image without a stamp, are
    refused with the frames' names and the reason."""
    target = TargetFrame(node, "base_link")
    assert target.transform("optical", Stamp(sec=1)).translation.x == 1
    with pytest.raises(InputError, match="'optical' to target_frame 'base_link': extrapolation"):
        target.transform("optical", Stamp(sec=2))
    with pytest.raises(InputError, match=r"'optical' has the stamp 0, .* 'base_link': let the camera fill in"):
        target.transform("optical", Stamp())
    target.destroy()


def test_a_late_transform_is_told(node: Node) -> None:
    """A transform that is there is known at once, and so is that an image without a stamp will never have one; one that
    is late is told when it comes; one that nobody waits for any more is not."""
    target, told = TargetFrame(node, "base_link"), []
    for stamp in (Stamp(sec=1), Stamp()):
        assert target.when_known("optical", stamp, lambda: told.append("early")).done()
    told.clear()
    late = target.when_known("optical", Stamp(sec=2), lambda: told.append("late"))
    assert not late.done()
    assert not told
    target._buffer.learn(2 * 10**9)
    assert late.done()
    assert told == ["late"]
    assert target.transform("optical", Stamp(sec=2)).translation.x == 1
    target.when_known("optical", Stamp(sec=3), lambda: told.append("never")).cancel()
    assert not target.when_known("optical", Stamp(sec=3), lambda: None).done()
    target.destroy()


def test_a_clock_that_jumps_back_ends_old_transforms(node: Node) -> None:
    """Time that goes on clears nothing; time that jumps back clears the buffer; after the end nothing is called."""
    target = TargetFrame(node, "base_link")
    clock, buffer = node.get_clock(), target._buffer
    found = []
    for second in (10, 11, 3, 4):
        clock.set_ros_time_override(Time(seconds=second, clock_type=clock.clock_type))
        found.append(buffer.cleared)
    assert found == [0, 0, 1, 1]
    target.destroy()
    clock.set_ros_time_override(Time(seconds=1, clock_type=clock.clock_type))
    assert buffer.cleared == 1
