"""Transforms at the stamp of an image, with a stand-in for tf2_ros, which pip does not have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from builtin_interfaces.msg import Time as Stamp
from geometry_msgs.msg import Transform, TransformStamped, Vector3
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.time import Time

from hotspot_core.errors import InputError
from hotspot_ros.positions.transforms import TargetFrame


class Buffer:
    """Knows the stamp 1 s, and like tf2 gives the latest transform where asked for the time 0."""

    def __init__(self) -> None:
        self.cleared = 0

    def lookup_transform(self, _target: str, _source: str, time: Time, _timeout: Any) -> TransformStamped:
        if time.nanoseconds not in (0, 10**9):
            raise LookupError("extrapolation into the future")
        return TransformStamped(transform=Transform(translation=Vector3(x=1.0)))

    def clear(self) -> None:
        self.cleared += 1


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node under simulated time."""
    listener = SimpleNamespace(unregister=lambda: None)
    stand_in = SimpleNamespace(
        Buffer=Buffer, TransformListener=lambda _buffer, _node: listener, TransformException=LookupError
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
